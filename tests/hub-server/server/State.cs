using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace TestHub
{
    /// <summary>What has happened, for tests to look at.</summary>
    public class State
    {
        public readonly ConcurrentDictionary<string, HubCallerContext> Connections =
            new ConcurrentDictionary<string, HubCallerContext>();

        public readonly ConcurrentQueue<object> Calls = new ConcurrentQueue<object>();
        public readonly ConcurrentQueue<object> Connects = new ConcurrentQueue<object>();
        public readonly ConcurrentQueue<object> Disconnects = new ConcurrentQueue<object>();

        /// <summary>What RegisterOperatorAsync answers.</summary>
        public JsonElement Pools = JsonDocument.Parse("[]").RootElement.Clone();

        public void Connect(HubCallerContext context)
        {
            var request = context.GetHttpContext().Request;
            var headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
            Connections[context.ConnectionId] = context;
            Connects.Enqueue(new { id = context.ConnectionId, protocol = request.Protocol, headers });
        }

        public void Disconnect(HubCallerContext context, Exception exception)
        {
            Connections.TryRemove(context.ConnectionId, out _);
            Disconnects.Enqueue(new { id = context.ConnectionId, error = exception?.GetType().Name });
        }
    }
}
