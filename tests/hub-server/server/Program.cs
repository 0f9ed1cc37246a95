// A SignalR hub for tests: /operatorHub, and /control to steer it. Settings come from the environment:
//   HUB_TOKEN     the bearer token without which /operatorHub answers 401
//   HUB_REDIRECT  "url token": a negotiation that lacks "redirected" in its query is referred there
//   HUB_PFX       a certificate (PKCS #12, no password); the hub then speaks TLS, also HTTP/2
//   HUB_GENERATION  "sites" for the hub that speaks of deployment sites; otherwise it speaks of pools
//   HUB_KEEPALIVE_MS, HUB_CLIENT_TIMEOUT_MS  instead of 15 and 30 seconds
// It ends when its stdin does.
using System;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TestHub
{
    public static class Program
    {
        private const int LargestMessage = 104857600;

        public static void Main(string[] arguments)
        {
            _ = Task.Run(() =>
            {
                while (Console.In.Read() >= 0) { }
                Environment.Exit(0);
            });
            Host.CreateDefaultBuilder(arguments)
                .ConfigureLogging(logging => logging.ClearProviders())
                .ConfigureWebHostDefaults(web => web
                    .ConfigureServices(Services)
                    .Configure(Application)
                    .UseKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
                        https.ServerCertificate = new X509Certificate2(Setting("HUB_PFX")))))
                .Build()
                .Run();
        }

        private static void Services(IServiceCollection services)
        {
            services.AddSingleton<State>();
            services.AddSignalR(options =>
            {
                options.EnableDetailedErrors = true;
                options.MaximumReceiveMessageSize = LargestMessage;
                options.KeepAliveInterval = Milliseconds("HUB_KEEPALIVE_MS", 15000);
                options.ClientTimeoutInterval = Milliseconds("HUB_CLIENT_TIMEOUT_MS", 30000);
            });
        }

        private static void Application(IApplicationBuilder application)
        {
            application.Use(Gate);
            application.UseRouting();
            application.UseEndpoints(routes =>
            {
                if (SpeaksOfSites) routes.MapHub<SiteHub>("/operatorHub", Large);
                else routes.MapHub<PoolHub>("/operatorHub", Large);
                Control.Map(routes);
            });
        }

        /// <summary>Which of the two hubs this is.</summary>
        public static bool SpeaksOfSites => Setting("HUB_GENERATION") == "sites";

        private static void Large(HttpConnectionDispatcherOptions options)
        {
            options.ApplicationMaxBufferSize = LargestMessage;
            options.TransportMaxBufferSize = LargestMessage;
        }

        /// <summary>Refers elsewhere and asks for a token, where that is set.</summary>
        private static async Task Gate(HttpContext context, Func<Task> next)
        {
            var request = context.Request;
            var hub = request.Path.StartsWithSegments("/operatorHub");
            var redirect = Setting("HUB_REDIRECT")?.Split(' ');
            if (hub && redirect != null && !request.Query.ContainsKey("redirected"))
            {
                context.Response.ContentType = "application/json";
                var answer = new { url = redirect[0], accessToken = redirect[1] };
                await context.Response.WriteAsync(JsonSerializer.Serialize(answer));
                return;
            }
            var token = Setting("HUB_TOKEN");
            if (hub && token != null && request.Headers["Authorization"] != "Bearer " + token)
            {
                context.Response.StatusCode = 401;
                return;
            }
            await next();
        }

        private static string Setting(string name) => Environment.GetEnvironmentVariable(name);

        private static TimeSpan Milliseconds(string name, int otherwise) =>
            TimeSpan.FromMilliseconds(int.TryParse(Setting(name), out var found) ? found : otherwise);
    }
}
