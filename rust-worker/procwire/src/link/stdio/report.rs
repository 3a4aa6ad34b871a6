//! What nobody but stderr can be told.

use std::io;

/// What a pipe with room takes at once.
const MOST: usize = 4096;

/// Writes a line to stderr if it takes it now. A stderr that is full, or that nobody reads, keeps nobody waiting, and
/// makes nobody panic, as `eprintln!` does.
pub fn report(text: &str) {
    let line = line(text);
    // Nobody is left to be told that it failed.
    let _: io::Result<()> = super::write_stderr(line.as_bytes());
}

fn line(text: &str) -> String {
    let mut end = text.len().min(MOST - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}\n", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_between_characters_where_a_pipe_would_not_take_it_at_once() {
        assert_eq!(line("short"), "short\n");
        let long = line(&"é".repeat(5000));
        assert_eq!(long.len(), MOST - 1);
        assert!(long.ends_with("é\n"));
    }
}
