//! A QR code (ISO/IEC 18004) as a picture of one path.

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules around a code that have to be light.
const QUIET: i32 = 4;

/// The code of a text, black on white whatever is around it, so that every camera reads it. `None`
/// when the text is too long, which no address is.
pub(super) fn svg(text: &str, label: &str) -> Option<String> {
    // Posters get wet and torn: a quarter of the code may be missing.
    let code = QrCode::encode_text(text, QrCodeEcc::Quartile).ok()?;
    let size = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += i32::try_from(run).unwrap_or(i32::MAX).max(1);
        }
    }
    Some(format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" \
         role=\"img\" aria-label=\"{}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{size}v{size}h-{size}z\"/><path d=\"{path}\"/></svg>",
        crate::render::escaped(label)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_there_module_by_module() {
        let url = "https://party.example/notices/posters/";
        let svg = svg(url, "\"<").unwrap();
        let code = QrCode::encode_text(url, QrCodeEcc::Quartile).unwrap();
        let dark = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|(x, y)| code.get_module(*x, *y))
            .count();
        let runs = svg.split("<path d=\"").nth(1).unwrap().split('h').skip(1).step_by(2);
        let drawn: usize =
            runs.map(|run| run.split('v').next().unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(drawn, dark);
        assert!(svg.contains("aria-label=\"&quot;&lt;\""), "{svg}");
    }
}
