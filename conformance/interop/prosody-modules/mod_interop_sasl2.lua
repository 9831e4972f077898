-- What Prosody 0.12 lacks for mod_sasl2 and mod_sasl2_fast of its community modules, which
-- are written for the version after it.
module:hook("stream-features", function (event)
	-- Facts about TLS, by which mod_sasl2 looks for channel bindings.
	local conn = event.origin.conn;
	if conn and not conn.ssl_info then
		function conn:ssl_info()
			local socket = self:socket();
			return socket.info and socket:info();
		end
		function conn:ssl_peerfinished()
			local socket = self:socket();
			return socket.getpeerfinished and socket:getpeerfinished();
		end
	end
	-- The attributes of the client's stream header. mod_sasl2_fast asks them for a user
	-- name alone, and that only to know that there is one: who authenticates is in the
	-- SASL exchange.
	if not event.stream then
		event.stream = { from = "somebody@"..module.host };
	end
end, 100);
