//! Messages and logins through `xmpp serve`, several programs beside each other in one
//! run: how many a second, and what each costs the server in CPU time.
//!
//! ```sh
//! cargo run --release -p xmpp-load -- "target/release/xmpp" "/tmp/xmpp-of-before"
//! ```
//!
//! Reads the servers' CPU time from `/proc`: for Linux.

mod client;
mod server;

use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use clap::Parser;

use crate::client::Account;
use crate::server::Server;

/// A failure, in words.
type Failure = Box<dyn core::error::Error + Send + Sync>;

/// Measures what messages and logins cost the servers of several programs, in turn.
#[derive(Parser)]
#[command(name = "xmpp-load")]
struct Args {
    /// A program, with further options of its `serve` behind it: "PATH OPTION ...". The
    /// figures of the others are told beside those of the first.
    #[arg(required = true)]
    programs: Vec<String>,
    /// Clients; each one of a pair.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Messages in a round, of all pairs together.
    #[arg(long, default_value_t = 40_000)]
    messages: usize,
    /// Bytes in the body of a message.
    #[arg(long, default_value_t = 100)]
    body: usize,
    /// Messages of a pair that are on their way at a time.
    #[arg(long, default_value_t = 64)]
    window: usize,
    /// Logins in a round, one after the other.
    #[arg(long, default_value_t = 100)]
    logins: usize,
    /// How often each program is measured. The medians are told.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
}

/// What one round of one program came to.
#[derive(Clone, Copy)]
struct Figures {
    messages_a_second: f64,
    microseconds_a_message: f64,
    logins_a_second: f64,
    microseconds_a_login: f64,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    let mut rounds = vec![Vec::new(); args.programs.len()];
    for round in 0..args.rounds {
        for at in 0..args.programs.len() {
            // What the machine does besides should not meet one program alone.
            let at = (at + round) % args.programs.len();
            rounds[at].push(measure(args, &args.programs[at])?);
        }
    }
    println!(
        "{:32} {:>12} {:>14} {:>12} {:>14}",
        "medians", "messages/s", "CPU µs/message", "logins/s", "CPU µs/login"
    );
    let columns: [fn(&Figures) -> f64; 4] = [
        |figures| figures.messages_a_second,
        |figures| figures.microseconds_a_message,
        |figures| figures.logins_a_second,
        |figures| figures.microseconds_a_login,
    ];
    for (program, rounds) in args.programs.iter().zip(&rounds) {
        let name = program.split_whitespace().next().unwrap_or_default();
        print!("{:32}", &name[name.len().saturating_sub(32)..]);
        for (column, width) in columns.iter().zip([13, 15, 13, 15]) {
            print!("{:width$.1}", median(rounds.iter().map(column).collect()));
        }
        println!();
    }
    // From round to round, since the machine is not the same from minute to minute.
    for (program, others) in args.programs.iter().zip(&rounds).skip(1) {
        let name = program.split_whitespace().next().unwrap_or_default();
        print!("{:32}", format!("first / {}", name.rsplit('/').next().unwrap_or_default()));
        for (column, width) in columns.iter().zip([13, 15, 13, 15]) {
            let ratios = rounds[0].iter().zip(others).map(|(a, b)| column(a) / column(b));
            print!("{:width$.2}", median(ratios.collect()));
        }
        println!();
    }
    Ok(())
}

fn measure(args: &Args, program: &str) -> Result<Figures, Failure> {
    let server = Server::start(program, args.clients)?;
    let (seconds, cpu) = messages(args, &server)?;
    let (login_seconds, login_cpu) = logins(args, &server)?;
    let (messages, logins) = (args.messages as f64, args.logins as f64);
    Ok(Figures {
        messages_a_second: messages / seconds,
        microseconds_a_message: cpu / messages * 1e6,
        logins_a_second: logins / login_seconds,
        microseconds_a_login: login_cpu / logins * 1e6,
    })
}

/// Every pair sends its share at once: how long that took, and the server's CPU time.
fn messages(args: &Args, server: &Server) -> Result<(f64, f64), Failure> {
    let pairs = (args.clients / 2).max(1);
    let share = args.messages / pairs;
    let mut sides = Vec::new();
    for pair in 0..pairs {
        let sender = client::log_in(server, &Account::number(2 * pair))?;
        let receiver = client::log_in(server, &Account::number(2 * pair + 1))?;
        sides.push((sender, receiver));
    }
    let (begin, before) = (Instant::now(), server.cpu()?);
    let threads: Vec<_> = sides
        .into_iter()
        .enumerate()
        .map(|(pair, (mut sender, mut receiver))| {
            // What is in the channel is on its way.
            let (going, gone) = mpsc::sync_channel::<()>(args.window);
            let body = "x".repeat(args.body);
            let receives = thread::spawn(move || receiver.receive(share, &gone));
            let sends = thread::spawn(move || {
                sender.send(&Account::number(2 * pair + 1), &body, share, &going)
            });
            (sends, receives)
        })
        .collect();
    for (sends, receives) in threads {
        sends.join().map_err(|_| "a sender failed")??;
        receives.join().map_err(|_| "a receiver failed")??;
    }
    Ok((begin.elapsed().as_secs_f64(), server.cpu()? - before))
}

fn logins(args: &Args, server: &Server) -> Result<(f64, f64), Failure> {
    let (begin, before) = (Instant::now(), server.cpu()?);
    for number in 0..args.logins {
        client::log_in(server, &Account::number(number % args.clients))?.close()?;
    }
    Ok((begin.elapsed().as_secs_f64(), server.cpu()? - before))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
