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

-- Times that are not whole seconds, which mod_sasl2_fast tells as those at which tokens
-- expire.
local datetime = require "util.datetime";
local of_whole_seconds = datetime.datetime;
function datetime.datetime(time)
	return of_whole_seconds(time and math.floor(time));
end

-- A way to an attribute of a child.
local stanza_mt = require "util.stanza".stanza_mt;
function stanza_mt:get_child_attr(name, xmlns, attr)
	local child = self:get_child(name, xmlns);
	return child and child.attr[attr];
end

-- The way from a refused token to the password (XEP-0484 section 5.1): mod_sasl2_fast leaves
-- its own SASL handler in place, which knows tokens alone.
module:hook("sasl2/c2s/failure", function (event)
	local session = event.session;
	if session.sasl_handler and session.sasl_handler.fast then
		session.sasl_handler = nil;
	end
end, 10);
