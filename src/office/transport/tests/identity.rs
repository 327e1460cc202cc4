//! Certificates of servers, good ones and others.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate with its key, and who vouches for it.
pub(in crate::office) struct Identity {
    /// In PEM.
    pub(in crate::office) authority: String,
    certificate: String,
    key: String,
}

impl Identity {
    /// A good one for any of these names.
    pub(in crate::office) fn of(names: &[&str]) -> Self {
        Self::until(names, 2100)
    }

    /// One that is good until the first of January of a year.
    pub(in crate::office) fn until(names: &[&str], year: i32) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params_for(names, year).signed_by(&key, &authority).unwrap();
        let (certificate, key) = (certificate.pem(), key.serialize_pem());
        Self { authority: authority.pem(), certificate, key }
    }

    /// One for which nobody vouches but itself, and an authority that does not know it.
    pub(in crate::office) fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = params_for(&[name], 2100);
        params.distinguished_name.push(DnType::CommonName, "Nobody");
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, key: key.serialize_pem(), ..Self::of(&[name]) }
    }

    /// One for `peer.example` whose signature is over a SHA-1, which can be forged. By OpenSSL 3.0:
    /// `ca -md sha1`.
    pub(in crate::office) fn sha_1() -> Self {
        let text = str::to_owned;
        Self { authority: text(AUTHORITY), certificate: text(SHA_1), key: text(SHA_1_KEY) }
    }

    /// The encryption of a server with it.
    pub(in crate::office) fn acceptor(&self) -> TlsAcceptor {
        let provider = rustls::crypto::ring::default_provider();
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        TlsAcceptor::from(std::sync::Arc::new(config))
    }
}

fn params_for(names: &[&str], until: i32) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
    params
}

const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUWuS6/nUHWSFVeqbyEccVOW37oSkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJQXV0aG9yaXR5MCAXDTI2MTEyNDE5MDUxMVoYDzIxMjYxMDMx
MTkwNTExWjAUMRIwEAYDVQQDDAlBdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT4fM7sAgXTbIKhVQxK9TIpcLt17+PDnC58IW666r/knx/cUJ+DPwtw
vA295THzcWpO7lYDSQ1JJ2eUFQMc1GAGo1MwUTAdBgNVHQ4EFgQUTPFz/u9pfvH1
wjC6fM0wKv3r2N4wHwYDVR0jBBgwFoAUTPFz/u9pfvH1wjC6fM0wKv3r2N4wDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiA1DyqEy0RSyGmIuxJPNLQb
ldrFwNn8RxwF33xhJ9yqJQIhALQYBi/0gQxm5AX9pB0eAvDRzUWfRN8XTlFD+ljs
EA9T
-----END CERTIFICATE-----
";

const SHA_1: &str = "\
-----BEGIN CERTIFICATE-----
MIIBlDCCATqgAwIBAgIUEpdfrCaLezAWYB/1TzBc5BLumIswCQYHKoZIzj0EATAU
MRIwEAYDVQQDDAlBdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEwMDAxMDEw
MDAwMDBaMBcxFTATBgNVBAMMDHBlZXIuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABFZ7Ojr/gq7DHtCt1o1Y0HLqij95dH+5Q/36trfMXG1bDoSWoNHo
gaxtwn8cmjjuzbTjCq7jdwPcJDkDlJguYCWjZjBkMBcGA1UdEQQQMA6CDHBlZXIu
ZXhhbXBsZTAJBgNVHRMEAjAAMB0GA1UdDgQWBBTxVe80WuJkyX3yQ1Hun20GVvHA
/zAfBgNVHSMEGDAWgBRM8XP+72l+8fXCMLp8zTAq/evY3jAJBgcqhkjOPQQBA0kA
MEYCIQCqbMVw43ktwgIrfr1O+X7ALRwbjME6kDZo/hlOCrvX5gIhAJ8OZn9cNs4J
PT32cC6wzJ7rw8j3Z/HTCL+2TIaGl4MP
-----END CERTIFICATE-----
";

const SHA_1_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2TA65WbWjbccGuX1
g73Tdil/0AxcxMnQIHybOZf2Hi2hRANCAARWezo6/4Kuwx7QrdaNWNBy6oo/eXR/
uUP9+ra3zFxtWw6ElqDR6IGsbcJ/HJo47s204wqu43cD3CQ5A5SYLmAl
-----END PRIVATE KEY-----
";
