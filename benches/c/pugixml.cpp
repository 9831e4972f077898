// A tree of a text; 0 if the text is refused.
#include <cstddef>
#include <cstdint>
#include <pugixml.hpp>

extern "C" std::uint64_t xmpp_bench_pugixml(const char *bytes, std::size_t len) {
    pugi::xml_document document;
    if (!document.load_buffer(bytes, len, pugi::parse_default, pugi::encoding_utf8)) return 0;
    return document.document_element().name() != nullptr ? 1 : 0;
}
