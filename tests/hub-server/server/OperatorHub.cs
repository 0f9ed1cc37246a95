using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.SignalR;

namespace TestHub
{
    /// <summary>The hub: methods that note their call, and a few that show how the protocol behaves.</summary>
    public class OperatorHub : Hub
    {
        private readonly State state;

        public OperatorHub(State state) => this.state = state;

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

        public Task RegisterPoolAsync(string tenantId, string poolRtId) =>
            Note(nameof(RegisterPoolAsync), tenantId, poolRtId);

        public Task UnregisterPoolAsync(string tenantId, string poolRtId) =>
            Note(nameof(UnregisterPoolAsync), tenantId, poolRtId);

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

        private Task Note(string method, params object[] arguments)
        {
            state.Calls.Enqueue(new { connection = Context.ConnectionId, method, arguments });
            return Task.CompletedTask;
        }
    }
}
