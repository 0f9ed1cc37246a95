//! A client for ASP.NET Core SignalR hubs, over WebSockets, with JSON.
//!
//! A [`Hub`] keeps one connection to one hub. It negotiates, opens the WebSocket, shakes hands, lets its user register
//! ([`HubHandler::register`]), and does it all again, without end, whenever the connection is lost. On the way out:
//! invocations ([`Hub::invoke`]) and reports that must arrive ([`Hub::report`]). On the way in: calls of the server,
//! each run when it is its turn ([`Turn`]).
//!
//! Sources: the SignalR Hub Protocol and Transport Protocols specifications (dotnet/aspnetcore, `src/SignalR/docs/specs`)
//! and what ASP.NET Core 3.1 and 9.0 servers and the official JavaScript client were seen to send (`fixtures/hub`).
//!
//! It does not know what the methods mean. It speaks neither MessagePack nor other transports, asks for no streams, and
//! does not resume a connection (stateful reconnect): a new connection registers anew.
//!
//! Timeouts are only as good as the runtime is free: handlers must not block it.

mod activity;
mod backoff;
mod callback;
mod client;
mod connect;
mod connection;
mod credentials;
mod dispatch;
mod error;
mod handshake;
mod message;
mod negotiate;
mod options;
mod proxy;
mod reconnect;
mod record;
mod reports;
mod session;
mod state;
mod tls;
mod token;
mod transport;

pub use self::backoff::Backoff;
pub use self::callback::{Callback, HubHandler};
pub use self::client::Hub;
pub use self::connection::Connection;
pub use self::credentials::{ClientCredentials, IdentityService};
pub use self::dispatch::{DispatchLimits, Dispatcher, Turn};
pub use self::error::HubError;
pub use self::options::HubOptions;
pub use self::reports::Report;
pub use self::state::HubState;
pub use self::tls::HubTls;
pub use self::token::{Token, TokenSource};
