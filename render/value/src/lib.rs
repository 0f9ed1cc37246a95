//! Values with Go's kinds: ordered maps, typed lists, numbers kept apart, printed as Go prints them.
