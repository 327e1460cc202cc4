//! SHA-256, in the form in which files and records have it.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

/// Hashes several parts. Each goes in with its length, which keeps "ab" and "c" apart from
/// "a" and "bc".
#[derive(Default)]
pub(crate) struct Hash(Sha256);

impl Hash {
    /// Adds a part.
    pub(crate) fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// The hash of all bytes of a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read to its end.
    pub(crate) fn of(mut file: impl Read) -> io::Result<String> {
        let mut hash = Self::default();
        io::copy(&mut file, &mut hash)?;
        Ok(hash.finish())
    }

    /// The hash as 64 hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        let digest = self.0.finalize();
        let halves = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        halves.map(|half| char::from(b"0123456789abcdef"[usize::from(half)])).collect()
    }
}

/// Takes bytes as they are, without their length.
impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a text is what [`Hash::finish`] gives.
pub(crate) fn is_hash(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 64 && text.bytes().all(is_digit)
}

/// Passes bytes on and hashes them on their way.
pub(crate) struct Hashing<W> {
    writer: W,
    hash: Hash,
}

impl<W: Write> Hashing<W> {
    pub(crate) fn new(writer: W) -> Self {
        Self { writer, hash: Hash::default() }
    }

    /// Where the bytes went, and the hash of them all.
    pub(crate) fn finish(self) -> (W, String) {
        (self.writer, self.hash.finish())
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.writer.write(bytes)?;
        self.hash.0.update(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
