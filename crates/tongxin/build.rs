//! Rebuilds the crate when the sample community changes: it is embedded at compile time.
fn main() {
    println!("cargo:rerun-if-changed=../../samples/jingan-temple");
}
