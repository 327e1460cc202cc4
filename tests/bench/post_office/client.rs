//! One request to the post office, on a connection of its own, as nginx makes it.

use std::io;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// What came back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    /// From before the connection was made to the end of the head.
    pub(crate) took: Duration,
}

/// Connects from one of the many addresses of the loopback.
pub(crate) async fn connect(from: Ipv4Addr, port: u16) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let stream = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends a request and waits for the answer.
pub(crate) async fn send(from: Ipv4Addr, port: u16, request: &[u8]) -> io::Result<Answer> {
    let begun = Instant::now();
    let mut stream = connect(from, port).await?;
    stream.write_all(request).await?;
    let mut bytes = Vec::new();
    let head = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            break head.to_ascii_lowercase();
        }
    };
    let took = begun.elapsed();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or(io::ErrorKind::InvalidData)?;
    let wait = head.lines().find_map(|line| line.strip_prefix("retry-after: "));
    let wait = wait.and_then(|seconds| seconds.parse().ok());
    Ok(Answer { status, retry_after: wait.map(Duration::from_secs), took })
}
