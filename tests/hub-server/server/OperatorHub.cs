using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.SignalR;

namespace TestHub
{
    /// <summary>The hub of the older generation, which speaks of pools.</summary>
    public class PoolHub : OperatorHub
    {
        public PoolHub(State state) : base(state) { }

        public Task RegisterPoolAsync(string tenantId, string poolRtId) =>
            Note(nameof(RegisterPoolAsync), tenantId, poolRtId);

        public Task UnregisterPoolAsync(string tenantId, string poolRtId) =>
            Note(nameof(UnregisterPoolAsync), tenantId, poolRtId);
    }

    /// <summary>The hub of the newer generation, which speaks of deployment sites.</summary>
    public class SiteHub : OperatorHub
    {
        public SiteHub(State state) : base(state) { }

        public Task RegisterDeploymentSiteAsync(string tenantId, string deploymentSiteRtId) =>
            Note(nameof(RegisterDeploymentSiteAsync), tenantId, deploymentSiteRtId);

        public Task UnregisterDeploymentSiteAsync(string tenantId, string deploymentSiteRtId) =>
            Note(nameof(UnregisterDeploymentSiteAsync), tenantId, deploymentSiteRtId);
    }

    /// <summary>
    /// What both have: methods that note their call, and a few that show how the protocol behaves.
    /// </summary>
    public abstract class OperatorHub : Hub
    {
        private readonly State state;

        protected OperatorHub(State state) => this.state = state;

        public override Task OnConnectedAsync()
        {
            state.Connect(Context);
            return base.OnConnectedAsync();
        }

        public override Task OnDisconnectedAsync(Exception exception)
        {
            state.Disconnect(Context, exception);
            return base.OnDisconnectedAsync(exception);
        }

        public Task<JsonElement> RegisterOperatorAsync(bool? autoManagePools)
        {
            Note(nameof(RegisterOperatorAsync), autoManagePools);
            return Task.FromResult(state.Pools);
        }

        public Task UnregisterOperatorAsync() => Note(nameof(UnregisterOperatorAsync));

        public Task ReportDeployedStateAsync(List<JsonElement> pools) => Note(nameof(ReportDeployedStateAsync), pools);

        public Task ReportWorkloadDeploymentStatusAsync(JsonElement status) =>
            Note(nameof(ReportWorkloadDeploymentStatusAsync), status);

        public Task ReportWorkloadDeploymentProgressAsync(JsonElement progress) =>
            Note(nameof(ReportWorkloadDeploymentProgressAsync), progress);

        public Task ReportWorkloadScaleStatusAsync(JsonElement status) =>
            Note(nameof(ReportWorkloadScaleStatusAsync), status);

        public JsonElement Echo(JsonElement value) => value;

        public int Length(string text) => text.Length;

        public void Refuse(string why) => throw new HubException(why);

        public void Fail(string why) => throw new InvalidOperationException(why);

        public void AbortMe() => Context.Abort();

        public async IAsyncEnumerable<int> Count(int to, [EnumeratorCancellation] CancellationToken cancelled)
        {
            for (var number = 0; number < to; number++)
            {
                await Task.Delay(1, cancelled);
                yield return number;
            }
        }

        protected Task Note(string method, params object[] arguments)
        {
            state.Calls.Enqueue(new { connection = Context.ConnectionId, method, arguments });
            return Task.CompletedTask;
        }
    }
}
