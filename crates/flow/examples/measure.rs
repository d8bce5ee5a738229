//! Solves a DIMACS minimum-cost-flow file by each method and checks the certificates:
//! `cargo run --release -p tongxin-flow --example measure -- FILE [auto|paths|scaling]`.

use std::error::Error;
use std::time::Instant;

use tongxin_flow::{Method, dimacs, verify_certificate};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: measure FILE [auto|paths|scaling]")?;
    let method = match arguments.next().as_deref() {
        None | Some("auto") => Method::Auto,
        Some("paths") => Method::Paths,
        Some("scaling") => Method::Scaling,
        Some(other) => return Err(format!("no method '{other}'").into()),
    };
    let network = dimacs::parse(&std::fs::read_to_string(file)?)?;
    let start = Instant::now();
    let solution = network.solve_with(method)?;
    let seconds = start.elapsed().as_secs_f64();
    verify_certificate(&network, &solution)?;
    println!("{method:?}: cost {} flow {} seconds {seconds:.3}, certificate holds", solution.cost, solution.shipped);
    Ok(())
}
