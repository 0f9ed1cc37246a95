//! What a gzip stream holds, through a small window.
//!
//! A chart's archive has hundreds of small files. To pull each header and file through the decoder alone is several
//! times slower than to have it fill a window; and the whole stream in memory is memory that is touched once.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Take};

use flate2::bufread::MultiGzDecoder;

use super::archive::Budget;
use super::error::ArchiveError;

/// Large enough for most files of a chart, and small enough that a small chart needs few pages of memory.
const WINDOW_BYTES: usize = 16 << 10;

/// A stream up to its end, to a mistake in it, or to more bytes than the budget allows.
pub(super) struct Unpacked<'packed> {
    window: BufReader<Take<MultiGzDecoder<&'packed [u8]>>>,
    position: u64,
    /// What to say at the end of the budget.
    too_large: Option<ArchiveError>,
}

impl<'packed> Unpacked<'packed> {
    pub(super) fn new(packed: &'packed [u8], budget: &Budget<'_>) -> Self {
        let most = budget.stream_bytes(packed.len() as u64);
        let window = BufReader::with_capacity(WINDOW_BYTES, MultiGzDecoder::new(packed).take(most));
        Self { window, position: 0, too_large: Some(budget.too_large()) }
    }

    /// The error where nothing more comes because the budget is spent.
    fn check_budget(&mut self) -> io::Result<()> {
        let is_spent = self.window.get_ref().limit() == 0;
        self.too_large.take_if(|_| is_spent).map_or(Ok(()), |error| Err(io::Error::other(error)))
    }

    fn skip(&mut self, mut bytes: u64) -> io::Result<()> {
        while bytes > 0 {
            let there = self.window.fill_buf()?.len();
            if there == 0 {
                self.check_budget()?;
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let taken = usize::try_from(bytes).map_or(there, |bytes| bytes.min(there));
            self.window.consume(taken);
            self.position += taken as u64;
            bytes -= taken as u64;
        }
        Ok(())
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.window.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.check_budget()?;
        }
        self.position += count as u64;
        Ok(count)
    }
}

/// Forward only, which is how an archive is gone through.
impl Seek for Unpacked<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Current(offset) if offset >= 0 => self.skip(offset.unsigned_abs())?,
            _ => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(self.position)
    }
}
