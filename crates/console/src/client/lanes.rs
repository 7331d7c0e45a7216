//! Lanes, sessions of accounts, and the world.

use super::{Client, ClientError, request};
use crate::{
    answers::{ImportedWorld, Lanes, LanesTouched, SessionChanged},
    api::asked::{GateAsked, SessionAsked},
};
use axum::{body::Body, http::Method};

impl Client {
    pub async fn lanes(&self) -> Result<Lanes, ClientError> {
        self.get("/api/v1/lanes").await
    }

    pub async fn pause(&self, asked: &GateAsked) -> Result<LanesTouched, ClientError> {
        self.post("/api/v1/lanes/pause", asked).await
    }

    pub async fn resume(&self, asked: &GateAsked) -> Result<LanesTouched, ClientError> {
        self.post("/api/v1/lanes/resume", asked).await
    }

    pub async fn login(&self, asked: &SessionAsked) -> Result<SessionChanged, ClientError> {
        self.post("/api/v1/lanes/login", asked).await
    }

    pub async fn logout(&self, asked: &SessionAsked) -> Result<SessionChanged, ClientError> {
        self.post("/api/v1/lanes/logout", asked).await
    }

    /// A world file as it stands on disk.
    pub async fn import(&self, world: Vec<u8>) -> Result<ImportedWorld, ClientError> {
        let json = "application/json";
        let request = request(Method::POST, "/api/v1/world", json, Body::from(world));
        self.read(request).await
    }
}
