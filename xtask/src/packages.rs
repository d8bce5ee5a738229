//! The Debian packages that the tests need, and their installation.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{postgres, process};

/// A Debian package, and how to see that what it brings is there.
struct Package {
    name: &'static str,
    present: fn() -> bool,
}

const PACKAGES: [Package; 4] = [
    Package { name: "postgresql", present: || postgres::folder_of_programs().is_some() },
    Package { name: "chromium", present: || process::find("chromium").is_some() },
    Package { name: "chromium-driver", present: || process::find("chromedriver").is_some() },
    Package { name: "fonts-noto-cjk", present: has_chinese_font },
];

fn has_chinese_font() -> bool {
    ["opentype", "truetype"].iter().any(|kind| {
        let folder = Path::new("/usr/share/fonts").join(kind).join("noto");
        std::fs::read_dir(folder)
            .is_ok_and(|mut files| files.any(|file| file.is_ok_and(|file| is_chinese_font(&file.file_name()))))
    })
}

fn is_chinese_font(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("NotoSansCJK") || name.starts_with("NotoSansSC")
}

fn missing() -> Vec<&'static str> {
    PACKAGES.iter().filter(|package| !(package.present)()).map(|package| package.name).collect()
}

/// Makes sure that PostgreSQL, Chromium, its driver and Chinese fonts are here; installs them where that is possible.
///
/// # Errors
/// Names the packages to install when something is missing and this process can't install it.
pub fn ensure() -> Result<()> {
    let names = missing();
    if names.is_empty() {
        return Ok(());
    }
    let wanted = names.join(" ");
    if !process::is_root() || process::find("apt-get").is_none() {
        bail!("the tests need what these Debian packages bring; install them and run again: {wanted}");
    }
    eprintln!("== install {wanted}");
    apt_get(&["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(&names);
    apt_get(&install)?;
    let left = missing();
    if !left.is_empty() {
        bail!("apt-get has run, but what these packages bring is still not found: {}", left.join(" "));
    }
    Ok(())
}

fn apt_get(words: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    let status = command.status().context("cannot start apt-get")?;
    if !status.success() {
        bail!("{} failed ({status})", process::describe(&command));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_font_is_known_by_its_file() {
        assert!(is_chinese_font("NotoSansCJK-Regular.ttc".as_ref()));
        assert!(!is_chinese_font("NotoSans-Regular.ttf".as_ref()));
    }
}
