using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace TestHub
{
    /// <summary>The HTTP interface through which a test steers the hub: /control/…, JSON both ways.</summary>
    public static class Control
    {
        public static void Map(IEndpointRouteBuilder routes)
        {
            routes.MapGet("/control/state", context => Write(context, Shown(Of<State>(context))));
            routes.MapPost("/control/pools", context => Do(context, body => Of<State>(context).Pools = body));
            routes.MapPost("/control/call", Call);
            routes.MapPost("/control/ask", Ask);
            routes.MapPost("/control/abort", context => Do(context, body =>
            {
                foreach (var connection in Of<State>(context).Connections.Values) connection.Abort();
            }));
            routes.MapPost("/control/shutdown", context => Do(context, body =>
                Task.Delay(50).ContinueWith(_ => Of<IHostApplicationLifetime>(context).StopApplication())));
        }

        private static object Shown(State state) => new
        {
            runtime = RuntimeInformation.FrameworkDescription,
            open = state.Connections.Keys,
            connects = state.Connects,
            disconnects = state.Disconnects,
            calls = state.Calls,
        };

        /// <summary>{method, arguments}: calls all clients and waits for none.</summary>
        private static async Task Call(HttpContext context)
        {
            var body = await Read(context);
            await Clients(context).All.SendCoreAsync(body.GetProperty("method").GetString(), Arguments(body));
            await Write(context, new { });
        }

        /// <summary>
        /// {method, arguments}: calls the first client and gives its result. Client results came with .NET 7, after the
        /// compiler we have, so they are reached by reflection.
        /// </summary>
        private static async Task Ask(HttpContext context)
        {
            var body = await Read(context);
            var clients = Clients(context);
            var single = clients.GetType().GetInterfaces().SelectMany(type => type.GetMethods())
                .First(method => method.Name.EndsWith("Client") && method.ReturnType.Name == "ISingleClientProxy")
                .Invoke(clients, new object[] { Of<State>(context).Connections.Keys.First() });
            var invoke = single.GetType().GetInterfaces().First(type => type.Name == "ISingleClientProxy")
                .GetMethod("InvokeCoreAsync").MakeGenericMethod(typeof(JsonElement));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var method = body.GetProperty("method").GetString();
            try
            {
                var arguments = new object[] { method, Arguments(body), patience.Token };
                await Write(context, new { result = await (Task<JsonElement>)invoke.Invoke(single, arguments) });
            }
            catch (Exception exception)
            {
                await Write(context, new { error = exception.Message });
            }
        }

        private static IHubClients Clients(HttpContext context) =>
            Program.SpeaksOfSites ? Of<IHubContext<SiteHub>>(context).Clients : Of<IHubContext<PoolHub>>(context).Clients;

        private static object[] Arguments(JsonElement body) =>
            body.GetProperty("arguments").EnumerateArray().Select(argument => (object)argument).ToArray();

        private static T Of<T>(HttpContext context) => context.RequestServices.GetRequiredService<T>();

        private static async Task Do(HttpContext context, Action<JsonElement> action)
        {
            action(await Read(context));
            await Write(context, new { });
        }

        private static async Task<JsonElement> Read(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var text = await reader.ReadToEndAsync();
            return JsonDocument.Parse(text.Length == 0 ? "{}" : text).RootElement.Clone();
        }

        private static Task Write(HttpContext context, object answer)
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(JsonSerializer.Serialize(answer));
        }
    }
}
