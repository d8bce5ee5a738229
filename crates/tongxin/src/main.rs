//! The program: `serve`, `demo`, `migrate`, `import`, `verify`, `tally`, `config`.
//!
//! What lives here: the command line, the configuration, starting and stopping. What may not: anything that a page or the
//! API could do as well; that is a use case of the app. What the program prints stands in `locales/*/program.ftl` of the
//! web crate (`tally.ftl` for counts). To add a command: a variant of [`Command`], a function in a module of its own, a line
//! in the README.

mod config;
mod demo;
mod import;
mod listen;
mod logging;
mod say;
mod serve;
mod tally;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use config::Config;

/// Many threads pass what they allocate on to others; the system's allocator makes them wait for each other there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tongxin: a community that is organised around serving everyone in it.
///
/// Needs and offers of residents and units meet, are delivered and confirmed, in a web page and a JSON API.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    options: Options,
}

const EXAMPLES: &str = "\
Examples:
  tongxin demo                               look at a sample community at http://127.0.0.1:8080
  tongxin import --check roster/             check the files of a folder, write nothing
  tongxin import roster/ --data /srv/tongxin bring them in
  tongxin serve --data /srv/tongxin          serve them
  DATABASE_URL=postgres://tongxin@db/tongxin tongxin serve --listen 0.0.0.0:8080

Configuration, strongest first: options, environment, file.
  option         environment          file            default
  --listen       TONGXIN_LISTEN       listen          127.0.0.1:8080
  --data         TONGXIN_DATA         data            tongxin-data
                 DATABASE_URL         database_url    SQLite in the data folder
                 TONGXIN_ORIGIN       origin          what the browser asks for
                 TONGXIN_HTTPS        https           false
                 TONGXIN_CONNECTIONS  connections     1024
                 TONGXIN_ACCESS_LOG   access_log      false
                 TONGXIN_LOG          log             info";

#[derive(Args)]
struct Options {
    /// A configuration file in TOML
    #[arg(long, global = true, value_name = "FILE", env = "TONGXIN_CONFIG")]
    config: Option<PathBuf>,
    /// The folder of the SQLite database; when given, DATABASE_URL is not used
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The address to serve on
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the community that the database holds
    ///
    /// Brings the tables up to date first. Stops on Ctrl-C or SIGTERM after the requests under way are answered.
    Serve,
    /// Make a sample community and serve it
    ///
    /// Always on SQLite, in ./tongxin-data or --data DIR. The sample is in the program; it is imported once, by the same
    /// code as your own files. Run again, what is there is kept. To begin anew, remove the folder.
    Demo,
    /// Bring the tables to the version of the program, and end
    Migrate,
    /// Import a community from a folder of CSV files
    ///
    /// The folder holds community.toml and any of places.csv, organisations.csv, persons.csv, posts.csv, accounts.csv,
    /// needs.csv, offers.csv, matches.csv. Every row is checked first; when anything is wrong, each problem is printed as
    /// FILE:LINE COLUMN CODE VALUE and nothing is imported. The database must not hold a community yet.
    Import {
        /// The folder
        dir: PathBuf,
        /// Check only, write nothing
        #[arg(long)]
        check: bool,
    },
    /// Verify the chain of records
    ///
    /// Ends with 1 and the number of the first record that was changed, when one was.
    Verify,
    /// Recount a file of ballots
    ///
    /// The file is JSON with the rule, the options and the ballots, as a closed vote gives it to download. Prints the count
    /// round by round; ends with 1 when the file states an outcome and it is another.
    Tally {
        /// The file
        file: PathBuf,
        /// Print the outcome as JSON, in the form in which a file states it
        #[arg(long)]
        json: bool,
    },
    /// Print the configuration as it is understood, and end
    Config,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run(cli)));
    ended.unwrap_or_else(|error| {
        eprintln!("{}", say::locale().tr("program-failed", "error", format!("{error:#}")));
        ExitCode::FAILURE
    })
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let config = Config::load(&cli.options)?;
    logging::start(&config)?;
    match cli.command {
        Command::Serve => serve::serve(&config).await,
        Command::Demo => demo::demo(config).await,
        Command::Migrate => serve::migrate(&config).await,
        Command::Import { dir, check } => import::import(&config, &dir, check).await,
        Command::Verify => serve::verify(&config).await,
        Command::Tally { file, json } => tally::tally(&file, json),
        Command::Config => {
            print!("{config}");
            Ok(ExitCode::SUCCESS)
        }
    }
}
