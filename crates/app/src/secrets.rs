//! Randomness: ids, tokens, passwords' hashes.

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{Salt, SaltString},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rand::RngCore;
use sha2::{Digest, Sha256};
use tongxin_core::{id::IdSource, record::hex};
use uuid::Uuid;

use crate::{App, Error, Result};

/// Makes bytes that nobody can guess.
pub trait Secrets: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemSecrets;

impl Secrets for SystemSecrets {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Random UUIDv7.
#[derive(Debug, Clone, Copy)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn next(&self, now: DateTime<Utc>) -> Uuid {
        let mut random = [0_u8; 10];
        rand::rng().fill_bytes(&mut random);
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(now.timestamp_millis()).unwrap_or(0), &random)
            .into_uuid()
    }
}

/// What is stored of a token: its SHA-256, in hexadecimal.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Hashes a password with argon2id and this salt.
///
/// # Errors
/// [`Error::Internal`] when argon2 refuses.
pub fn hash_password(password: &str, salt: [u8; 16]) -> Result<String> {
    let salt = SaltString::encode_b64(&salt).map_err(|e| Error::Internal(e.to_string()))?;
    let salt: Salt<'_> = salt.as_salt();
    Ok(Argon2::default()
        .hash_password(password.as_bytes(), salt)
        .map_err(|e| Error::Internal(e.to_string()))?
        .to_string())
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

impl App {
    /// A new token of 256 bits, to be shown once.
    pub(crate) fn new_token(&self) -> String {
        let mut bytes = [0_u8; 32];
        self.0.secrets.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Hashes a password off the async threads; at most two at once, which bounds the memory of hashing.
    pub(crate) async fn hash_password(&self, password: &str) -> Result<String> {
        let mut salt = [0_u8; 16];
        self.0.secrets.fill(&mut salt);
        let password = password.to_owned();
        self.hashing(move || hash_password(&password, salt)).await?
    }

    /// Whether `password` is the one of `hash`.
    pub(crate) async fn verify_password(&self, password: &str, hash: &str) -> Result<bool> {
        let (password, hash) = (password.to_owned(), hash.to_owned());
        self.hashing(move || verify(&password, &hash)).await
    }

    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _permit = self.0.hashing.acquire().await.map_err(|e| Error::Internal(e.to_string()))?;
        tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))
    }
}
