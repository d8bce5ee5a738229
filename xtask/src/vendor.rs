//! `cargo xtask vendor`: fetches the front-end assets that `xtask/vendor.toml` pins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::{css, icons, process, root};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    package: Vec<Package>,
    sprite: Sprite,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    name: String,
    version: String,
    /// What npm says the archive's hash is.
    integrity: String,
    /// A folder of the tree.
    into: PathBuf,
    /// File in the package → file in the folder.
    files: BTreeMap<String, String>,
    /// Classes whose rules are left out of style sheets; a `*` stands for any characters.
    #[serde(default)]
    drop_classes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sprite {
    package: String,
    file: PathBuf,
    outline: Vec<String>,
    filled: Vec<String>,
}

#[derive(Deserialize)]
struct Packed {
    filename: String,
    integrity: String,
}

/// Fetches every package and writes its files and the icons.
pub fn run() -> Result<()> {
    let path = root().join("xtask/vendor.toml");
    let list: List = toml::from_str(&std::fs::read_to_string(&path)?).with_context(|| path.display().to_string())?;
    let folder = tempfile::tempdir()?;
    let mut fetched = BTreeMap::new();
    for (number, package) in list.package.iter().enumerate() {
        let unpacked = fetch(package, &folder.path().join(number.to_string()))?;
        copy(package, &unpacked)?;
        fetched.insert(package.name.as_str(), unpacked);
    }
    let source = fetched.get(list.sprite.package.as_str()).context("the icons come from a package not listed")?;
    write(&root().join(&list.sprite.file), &draw(&list.sprite, source)?)
}

/// Downloads and unpacks a package; the folder of its files.
fn fetch(package: &Package, folder: &Path) -> Result<PathBuf> {
    let name = format!("{}@{}", package.name, package.version);
    println!("{name}");
    std::fs::create_dir_all(folder)?;
    let said = process::output(Command::new("npm").args(["pack", "--json", &name]).current_dir(folder))?;
    let packed: Vec<Packed> = serde_json::from_str(&said).context("npm pack did not answer as expected")?;
    let [packed] = packed.as_slice() else { bail!("npm pack answered with {} packages", packed.len()) };
    ensure!(
        packed.integrity == package.integrity,
        "{name} has the integrity {}, xtask/vendor.toml wants {}",
        packed.integrity,
        package.integrity
    );
    process::output(Command::new("tar").arg("xzf").arg(&packed.filename).current_dir(folder))?;
    Ok(folder.join("package"))
}

fn copy(package: &Package, unpacked: &Path) -> Result<()> {
    for (from, to) in &package.files {
        let path = unpacked.join(from);
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} in {}", from, package.name))?;
        let mut text = without_source_map(&text);
        if to.ends_with(".css") {
            text = css::without_classes(&text, &package.drop_classes)?;
        }
        write(&root().join(&package.into).join(to), &text)?;
    }
    Ok(())
}

/// The text without the comment that points to a source map, which is not in the tree.
fn without_source_map(text: &str) -> String {
    let kept = text.lines().filter_map(|line| match line.find("sourceMappingURL") {
        None => Some(line),
        Some(at) => {
            let start = line[..at].rfind("//").max(line[..at].rfind("/*")).unwrap_or(at);
            Some(line[..start].trim_end()).filter(|line| !line.is_empty())
        }
    });
    kept.map(|line| format!("{line}\n")).collect()
}

fn draw(sprite: &Sprite, unpacked: &Path) -> Result<String> {
    let mut drawn = vec![];
    let outline = sprite.outline.iter().map(|name| (name.clone(), format!("icons/outline/{name}.svg")));
    let filled = sprite.filled.iter().map(|name| (format!("{name}-filled"), format!("icons/filled/{name}.svg")));
    for (id, path) in outline.chain(filled) {
        let svg = std::fs::read_to_string(unpacked.join(&path)).with_context(|| format!("no icon at {path}"))?;
        drawn.push((id, svg));
    }
    icons::sprite(drawn.iter().map(|(id, svg)| (id.as_str(), svg.as_str())))
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_to_source_maps_are_left_out() {
        assert_eq!(without_source_map("a()\n//# sourceMappingURL=a.js.map\n"), "a()\n");
        assert_eq!(without_source_map("a{}/*# sourceMappingURL=a.css.map */"), "a{}\n");
        assert_eq!(without_source_map("// kept\na()"), "// kept\na()\n");
    }

    /// All files below a folder, if it is there.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    /// What stands in quotes after `class=` in the text of a template.
    fn classes(text: &str) -> impl Iterator<Item = &str> {
        text.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next()).flat_map(str::split_whitespace)
    }

    #[test]
    fn no_page_uses_a_class_that_was_dropped() {
        let list: List = toml::from_str(include_str!("../vendor.toml")).unwrap();
        let dropped: Vec<_> = list.package.iter().flat_map(|package| &package.drop_classes).collect();
        let own = std::fs::read_to_string(root().join("crates/web/assets/app.css")).unwrap_or_default();
        for path in files(&root().join("crates/web/templates")) {
            let text = std::fs::read_to_string(&path).unwrap();
            for class in classes(&text) {
                let pattern = dropped.iter().find(|pattern| css::matches(pattern, class));
                let missing = pattern.filter(|_| !own.contains(&format!(".{class}")));
                assert_eq!(missing, None, "{}: .{class} has no style: see xtask/vendor.toml", path.display());
            }
        }
    }

    #[test]
    fn the_list_in_the_tree_is_complete() {
        let list: List = toml::from_str(include_str!("../vendor.toml")).unwrap();
        for package in &list.package {
            assert!(package.integrity.starts_with("sha512-"), "{} has no integrity", package.name);
            let folder = root().join(&package.into);
            for file in package.files.values() {
                assert!(folder.join(file).is_file(), "{file} of {} is not in the tree", package.name);
            }
            let mut files = std::fs::read_dir(&folder).unwrap();
            let licensed = files.any(|file| file.unwrap().file_name().to_string_lossy().contains("LICENSE"));
            assert!(licensed, "{} is in the tree without its licence", package.name);
        }
        let sprite = std::fs::read_to_string(root().join(&list.sprite.file)).unwrap();
        for name in &list.sprite.outline {
            assert!(sprite.contains(&format!("<symbol id=\"{name}\" ")), "{name} is not in the sprite");
        }
    }
}
