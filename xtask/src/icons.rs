//! Many single icons in one SVG file, as `<symbol>`s.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

/// Attributes of the icon's `<svg>` that its `<symbol>` keeps.
const KEPT: [&str; 6] = ["viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"];
/// Every icon opens with this invisible frame.
const FRAME: &str = "<path stroke=\"none\" d=\"M0 0h24v24H0z\" fill=\"none\" />";

/// The sprite file of these icons, each given as its symbol's id and its SVG text.
///
/// # Errors
/// When a text is not one `<svg>` element, or an id occurs twice.
pub fn sprite<'a>(icons: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<String> {
    let mut sprite = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">\n");
    for (id, svg) in icons {
        ensure!(!sprite.contains(&format!("<symbol id=\"{id}\"")), "the icon {id} is listed twice");
        let symbol = symbol(id, svg).with_context(|| format!("the icon {id}"))?;
        writeln!(sprite, "{symbol}")?;
    }
    sprite.push_str("</svg>\n");
    Ok(sprite)
}

fn symbol(id: &str, svg: &str) -> Result<String> {
    let from = svg.find("<svg").context("there is no <svg> element")?;
    let (tag, rest) = svg[from..].split_once('>').context("the <svg> tag does not end")?;
    let (content, _) = rest.rsplit_once("</svg>").context("the <svg> element does not end")?;
    let mut symbol = format!("<symbol id=\"{id}\"");
    for name in KEPT {
        if let Some(value) = attribute(tag, name) {
            write!(symbol, " {name}=\"{value}\"")?;
        }
    }
    let lines = content.lines().map(str::trim).filter(|line| !line.is_empty() && *line != FRAME);
    let shapes = lines.collect::<String>().replace(" />", "/>");
    ensure!(!shapes.is_empty(), "it draws nothing");
    Ok(format!("{symbol}>{shapes}</symbol>"))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mark = format!("{name}=\"");
    // The name must be whole: `stroke` is not `data-stroke`.
    let starts = tag.match_indices(&mark).find(|(at, _)| tag[..*at].ends_with(char::is_whitespace));
    let value = &tag[starts?.0 + mark.len()..];
    value.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOT: &str = "<svg\n  xmlns=\"http://www.w3.org/2000/svg\"\n  width=\"24\"\n  viewBox=\"0 0 24 24\"\n  \
        fill=\"none\"\n  stroke=\"currentColor\"\n  stroke-width=\"2\"\n  class=\"icon\"\n>\n  \
        <path stroke=\"none\" d=\"M0 0h24v24H0z\" fill=\"none\" />\n  <path d=\"M1 2h3\" />\n</svg>";

    #[test]
    fn an_icon_becomes_a_symbol_without_its_frame() {
        let sprite = sprite([("dot", DOT)]).unwrap();
        assert_eq!(
            sprite,
            "<svg xmlns=\"http://www.w3.org/2000/svg\">\n<symbol id=\"dot\" viewBox=\"0 0 24 24\" fill=\"none\" \
             stroke=\"currentColor\" stroke-width=\"2\"><path d=\"M1 2h3\"/></symbol>\n</svg>\n"
        );
    }

    #[test]
    fn a_repeated_or_broken_icon_is_refused() {
        assert!(sprite([("dot", DOT), ("dot", DOT)]).unwrap_err().to_string().contains("twice"));
        assert!(sprite([("none", "not an icon")]).is_err());
        assert!(sprite([("empty", "<svg viewBox=\"0 0 1 1\"></svg>")]).is_err());
    }
}
