//! Uploads, transfers, thumbnails, metadata.

pub mod bits_of_binary;
pub mod encrypted_sharing;
pub mod file_transfer;
pub mod in_band_bytestreams;
pub mod inline_sharing;
pub mod metadata;
pub mod sharing;
pub mod socks5;
pub mod stream_initiation;
pub mod thumbnails;
pub mod upload;

crate::registry::subject! {
    0047: in_band_bytestreams::Open<'_>,
    0047: in_band_bytestreams::Data<'_>,
    0047: in_band_bytestreams::Close<'_>,
    0065: socks5::Query<'_>,
    0065: socks5::UdpSuccess<'_>,
    0095: stream_initiation::StreamInitiation<'_>,
    0095: stream_initiation::StreamError,
    0103: sharing::UrlData<'_>,
    0231: bits_of_binary::Data<'_>,
    0234: file_transfer::Description<'_>,
    0234: file_transfer::TransferError,
    0264: thumbnails::Thumbnail<'_>,
    0363: upload::Request<'_>,
    0363: upload::Slot<'_>,
    0363: upload::FileTooLarge<'_>,
    0363: upload::Retry<'_>,
    0385: inline_sharing::MediaSharing<'_>,
    0446: metadata::File<'_>,
    0447: sharing::FileSharing<'_>,
    0447: sharing::Sources<'_>,
    0448: encrypted_sharing::Encrypted<'_>,
}
