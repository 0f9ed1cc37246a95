//! A chart repository on this machine: the files of one directory by HTTP.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use crate::error::Error;

/// Serves until the process ends.
pub(crate) struct Repository {
    /// Its URL.
    pub(crate) url: String,
}

impl Repository {
    /// Serves the files of a directory, not those below.
    pub(crate) fn serve(directory: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Start { program: "the chart repository".into(), source };
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let directory = directory.to_owned();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up early gets nothing.
                let _ = answer(stream, &directory);
            }
        });
        Ok(Self { url })
    }
}

fn answer(stream: TcpStream, directory: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let file = request.split(' ').nth(1).and_then(|path| path.strip_prefix('/')).map(PathBuf::from);
    // Only names: a path could lead out of the directory.
    let file = file.filter(|file| file.components().count() == 1 && !file.starts_with(".."));
    let (status, body) = match file.map(|file| fs::read(directory.join(file))) {
        Some(Ok(body)) => ("200 OK", body),
        _ => ("404 Not Found", Vec::new()),
    };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}
