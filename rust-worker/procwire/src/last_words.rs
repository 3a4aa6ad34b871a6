//! The line of a program's stderr that says why it has ended.

/// So many of the last lines are looked at: what is further up was something else.
const LINES: usize = 200;
/// Characters of a line that are told.
const LONGEST: usize = 300;

/// Empty where it has written nothing.
pub(crate) fn last_words(stderr: &str) -> String {
    let plain = without_colours(stderr);
    let mut lines: Vec<&str> = plain.lines().rev().take(LINES).collect();
    lines.reverse();
    let Some(at) = lines.iter().rposition(|line| says_why(line)) else {
        return short(lines.iter().rfind(|line| !is_beside(line)).unwrap_or(&""));
    };
    // Rust says where, and on the next line why.
    let is_place = lines[at].contains("panicked at") && lines[at].ends_with(':');
    match lines.get(at + 1).filter(|next| is_place && !next.is_empty()) {
        Some(next) => short(&format!("{} {next}", lines[at])),
        None => short(lines[at]),
    }
}

/// How the runtimes of several languages begin the line that says why a program ends.
fn says_why(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    line.contains("panicked at")
        || line.contains("Segmentation fault")
        || ["panic: ", "terminate called ", "[UnhandledPromiseRejection"].iter().any(|start| line.starts_with(start))
        || ["fatal: ", "fatal error: ", "error: "].iter().any(|start| lower.starts_with(start))
        || names_an_error(line)
}

/// JavaScript, Python, Java, C#: `TypeError: ...`, `Error [ERR_...]: ...`, `java.io.IOException: ...`.
fn names_an_error(line: &str) -> bool {
    let line = ["Uncaught ", "Unhandled exception. "]
        .iter()
        .fold(line, |line, start| line.strip_prefix(start).unwrap_or(line));
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
    let end = line.find(|c| !is_of_a_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let rest = match rest.strip_prefix(" [").and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) => rest,
        None => rest,
    };
    (name.ends_with("Error") || name.ends_with("Exception")) && (rest.is_empty() || rest.starts_with(':'))
}

/// What follows the reason, and explains nothing.
fn is_beside(line: &str) -> bool {
    let text = line.trim();
    matches!(text, "" | "{" | "}")
        || (line != text && text.starts_with("at "))
        || text.bytes().all(|byte| byte == b'^')
        || ["Node.js v", "(Use `node --trace", "note: run with `RUST_BACKTRACE"]
            .iter()
            .any(|start| text.starts_with(start))
}

fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = behind.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        rest = rest.strip_prefix('m').unwrap_or(rest);
    }
    plain + rest
}

fn short(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_says_why_is_found_among_those_that_do_not() {
        for (stderr, words) in [
            ("", ""),
            ("one\ntwo\n", "two"),
            (
                "TypeError: x is not a function\n    at main (a.js:1:2)\n\nNode.js v20\n",
                "TypeError: x is not a function",
            ),
            ("Error [ERR_X]: gone\n    at y\n", "Error [ERR_X]: gone"),
            ("Traceback:\n  File\nValueError: no\n", "ValueError: no"),
            (
                "thread 'main' panicked at src/main.rs:1:2:\nout of luck\nnote: run with `RUST_BACKTRACE=1`\n",
                "thread 'main' panicked at src/main.rs:1:2: out of luck",
            ),
            ("\u{1b}[31merror: no\u{1b}[0m\nlater\n", "error: no"),
        ] {
            assert_eq!(last_words(stderr), words, "{stderr}");
        }
        assert_eq!(last_words(&"x".repeat(1000)).len(), 303);
    }
}
