//! What TLS is told, by both sides.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::link::socket::failure::Failure;

/// TLS of a port: certificates and keys as PEM text.
///
/// A service has an [`identity`](Tls::identity); with an [`authority`](Tls::authority) its clients must have certificates of
/// that. A client has the [`authority`](Tls::authority) of the service's certificate, and an identity where the service
/// wants to see one.
#[derive(Clone, Default)]
pub struct Tls {
    identity: Option<(Vec<u8>, Vec<u8>)>,
    authority: Option<Vec<u8>>,
    server_name: Option<String>,
}

impl Tls {
    /// To be filled.
    #[must_use]
    pub fn new() -> Self {
        Tls::default()
    }

    /// The own certificate, with those between it and its authority behind it, and its key.
    #[must_use]
    pub fn identity(mut self, certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        self.identity = Some((certificate.as_ref().to_vec(), key.as_ref().to_vec()));
        self
    }

    /// Certificates of whom this side believes.
    #[must_use]
    pub fn authority(mut self, certificates: impl AsRef<[u8]>) -> Self {
        self.authority = Some(certificates.as_ref().to_vec());
        self
    }

    /// The name in the service's certificate, where it is not the host that is connected to.
    #[must_use]
    pub fn server_name(mut self, name: &str) -> Self {
        self.server_name = Some(name.to_owned());
        self
    }

    pub(crate) fn verifies_clients(&self) -> bool {
        self.authority.is_some()
    }

    fn pair(&self) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, Failure> {
        let Some((certificate, key)) = &self.identity else { return Ok(None) };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(|error| wrong("the certificate", &error))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| wrong("the key", &error))?;
        Ok(Some((chain, key)))
    }

    fn roots(authority: &[u8]) -> Result<Arc<RootCertStore>, Failure> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority) {
            let certificate = certificate.map_err(|error| wrong("the authority's certificate", &error))?;
            roots.add(certificate).map_err(|error| wrong("the authority's certificate", &error))?;
        }
        if roots.is_empty() {
            return Err(Failure::lasting("TLS: the authority has no certificate in it"));
        }
        Ok(Arc::new(roots))
    }
}

fn wrong(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::lasting(format!("TLS: {what} can't be used: {error}. Give it as PEM text"))
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

/// Of those who listen.
#[derive(Clone)]
pub(crate) struct Service(pub Arc<ServerConfig>);

impl Service {
    pub fn new(tls: &Tls) -> Result<Self, Failure> {
        let Some((chain, key)) = tls.pair()? else {
            return Err(Failure::lasting("TLS: a service needs a certificate and a key: Tls::identity"));
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong("the version", &error))?;
        let builder = match &tls.authority {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(Tls::roots(authority)?, provider).build();
                builder.with_client_cert_verifier(verifier.map_err(|error| wrong("the authority", &error))?)
            }
        };
        let config =
            builder.with_single_cert(chain, key).map_err(|error| wrong("the certificate or its key", &error))?;
        Ok(Service(Arc::new(config)))
    }
}

/// Of those who connect.
#[cfg(feature = "client")]
pub(crate) struct Client {
    pub config: Arc<ClientConfig>,
    pub name: ServerName<'static>,
}

#[cfg(feature = "client")]
impl Client {
    pub fn new(tls: &Tls, host: &str) -> Result<Self, Failure> {
        let Some(authority) = &tls.authority else {
            return Err(Failure::lasting("TLS: whose certificate is the service's to be? Say it by Tls::authority"));
        };
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong("the version", &error))?
            .with_root_certificates(Tls::roots(authority)?);
        let config = match tls.pair()? {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| wrong("the certificate or its key", &error))?,
        };
        let name = tls.server_name.as_deref().unwrap_or(host).to_owned();
        let name = ServerName::try_from(name).map_err(|error| wrong("the name of the service", &error))?;
        Ok(Client { config: Arc::new(config), name })
    }
}
