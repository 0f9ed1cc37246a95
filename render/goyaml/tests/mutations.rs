//! Damaged documents: nothing panics, and what can be read survives printing.

use goyaml::Limits;

/// Documents that touch most of the grammar.
const SEEDS: &[&str] = &[
    "a: &x {b: [1, 2], c: 'd'}\ne: *x\n<<: *x\n",
    "- |\n  text\n\n   more\n- >-\n  folded\n  lines\n- \"\\x41\\u00e9 \\\n  end\"\n",
    "? key\n: - a\n  - b: c\n    d: e\n? [f]\n: g\n",
    "%YAML 1.1\n%TAG !e! tag:e,2000:\n--- !e!map\na: !!int 1\nb: !!binary aGk=\n...\n",
    "[a, {b: c}, ? d, e: f, [], {}]\n",
    "k: word word word word word word word word word word word word word word word word word\nl: 'it''s'\n",
    "a:\u{85}b\u{2028}  c\u{feff}\r\nd: \u{1f600}\n",
];

/// Pieces of syntax to strew in.
const PIECES: &[&str] = &[
    ":", ": ", "- ", "\n", "\n  ", " ", "\t", "#", " # ", "'", "\"", "[", "]", "{", "}", ",", "? ", "|\n",
    ">-\n", "&a ", "*a", "!!str ", "!", "%", "@", "---\n", "...\n", "<<: ", "\\", "\\u00", "\r", "\u{85}",
    "\u{2028}", "\u{feff}", "\0", "\u{7f}", "~", "yes", "012", ".inf", "{{ x }}",
];

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn document(&mut self) -> Vec<u8> {
        let mut bytes = self.pick(SEEDS).as_bytes().to_vec();
        for _ in 0..self.below(6) {
            let start = self.below(bytes.len() + 1);
            let end = (start + self.below(5)).min(bytes.len());
            match self.below(4) {
                0 => bytes.truncate(start),
                1 => drop(bytes.drain(start..end)),
                2 => bytes.insert(start, self.below(256) as u8),
                _ => drop(bytes.splice(start..end, self.pick(PIECES).bytes())),
            }
        }
        bytes
    }
}

#[test]
fn damaged_documents_never_panic_and_survive_printing() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut read = 0;
    for _ in 0..5_000 {
        let document = numbers.document();
        let _ = goyaml::parse_node(&document, Limits::default());
        let Ok(value) = goyaml::parse(&document) else { continue };
        read += 1;
        let shown = String::from_utf8_lossy(&document);
        if let Ok(text) = goyaml::to_yaml(&value) {
            let again = goyaml::parse(text.as_bytes());
            let printed = again.as_ref().map(goyaml::to_yaml);
            assert_eq!(printed, Ok(Ok(text)), "from {shown:?}");
        }
        let pretty = goyaml::to_yaml_pretty(&value).unwrap();
        assert_eq!(goyaml::parse(pretty.as_bytes()).as_ref(), Ok(&value), "from {shown:?}: {pretty:?}");
    }
    assert!(read > 500, "too few documents could be read: {read}");
}

#[test]
fn limits_are_kept() {
    let bytes = Limits { bytes: 10, ..Limits::default() };
    let nodes = Limits { nodes: 10, ..Limits::default() };
    let depth = Limits { depth: 10, ..Limits::default() };
    let read = |text: &str, limits| {
        let options = goyaml::Options { limits, ..goyaml::Options::default() };
        goyaml::parse_with(text.as_bytes(), &options).map_err(|error| error.problem().to_string())
    };
    let list = format!("[{}]", "a, ".repeat(20));
    assert_eq!(read(&list, bytes), Err("the document has more than 10 bytes".to_owned()));
    assert_eq!(read(&list, nodes), Err("the document has more than 10 nodes".to_owned()));
    assert_eq!(
        read(&format!("{}{}", "[".repeat(11), "]".repeat(11)), depth),
        Err("exceeded max depth".to_owned())
    );
}

#[test]
fn long_texts_are_not_copied_for_every_alias() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(20_000));
    let value = goyaml::parse(text.as_bytes()).unwrap();
    let list = value.as_map().unwrap().get("b").unwrap();
    assert_eq!(list.as_list().unwrap().len(), 20_000);
}
