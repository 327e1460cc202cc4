//! What is wrong with an encrypted connection, in our words.

use core::fmt;

use rustls::{AlertDescription, CertificateError};

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TlsProblem {
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// Nobody vouches for it whom browsers know.
    UnknownIssuer,
    /// It is for another name.
    WrongName,
    /// The server has made it itself.
    SelfMade,
    /// It is damaged, or not one for web servers.
    Unusable,
    /// There is none for this name.
    NoCertificate,
    /// There is no way to encrypt that both sides know.
    NoCommonWay,
    /// What answers does not encrypt at all.
    NotEncrypted,
    /// Anything else.
    Other(String),
}

impl TlsProblem {
    /// What the library found wrong with the encryption, for people who have never heard of it.
    pub(crate) fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(problem) => Self::of_certificate(problem),
            rustls::Error::AlertReceived(alert) => match alert {
                // The second is what Caddy says of a name that it does not know.
                AlertDescription::UnrecognisedName | AlertDescription::InternalError => {
                    Self::NoCertificate
                }
                AlertDescription::HandshakeFailure
                | AlertDescription::ProtocolVersion
                | AlertDescription::InsufficientSecurity => Self::NoCommonWay,
                _ => Self::Other(error.to_string()),
            },
            rustls::Error::PeerIncompatible(_) => Self::NoCommonWay,
            rustls::Error::InvalidMessage(_) => Self::NotEncrypted,
            rustls::Error::NoCertificatesPresented => Self::NoCertificate,
            _ => Self::Other(error.to_string()),
        }
    }

    fn of_certificate(problem: &CertificateError) -> Self {
        match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotYetValid
            }
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::WrongName
            }
            // An authority that shows its own certificate is a server that has made itself one, as
            // `openssl req -x509` does. The error behind has no other mark than its name.
            CertificateError::Other(inner) if inner.to_string().contains("CaUsedAsEndEntity") => {
                Self::SelfMade
            }
            CertificateError::BadEncoding
            | CertificateError::BadSignature
            | CertificateError::UnhandledCriticalExtension
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
            | CertificateError::InvalidPurpose
            | CertificateError::InvalidPurposeContext { .. }
            | CertificateError::Other(_) => Self::Unusable,
            other => Self::Other(other.to_string()),
        }
    }
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("the certificate has expired"),
            Self::NotYetValid => f.write_str("the certificate is not valid yet"),
            Self::UnknownIssuer => {
                f.write_str("the certificate is not from an authority that browsers know")
            }
            Self::WrongName => f.write_str("the certificate is for another name"),
            Self::SelfMade => f.write_str(
                "the certificate is self-made: nobody vouches for it, so no server takes it",
            ),
            Self::Unusable => f.write_str("the certificate is damaged, or not one for web servers"),
            Self::NoCertificate => f.write_str("the server has no certificate for this name"),
            Self::NoCommonWay => {
                f.write_str("the server knows no way to encrypt that others know today")
            }
            Self::NotEncrypted => f.write_str("what answers there is not encrypted"),
            Self::Other(message) => write!(f, "no encrypted connection: {message}"),
        }
    }
}
