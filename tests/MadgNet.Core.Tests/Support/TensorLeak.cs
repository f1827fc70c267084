using TorchSharp;

namespace MadgNet.Core.Tests.Support;

/// <summary>Counts the tensors that an action leaves alive on its own thread.</summary>
internal static class TensorLeak
{
    /// <summary>
    /// Runs the action once to warm it up and once more inside a dispose scope, and asserts that the second run left no
    /// tensor alive: neither in the scope nor detached from it.
    /// </summary>
    public static void None(Action action)
    {
        action();
        var statistics = DisposeScopeManager.Statistics.TensorStatistics;
        statistics.Reset();
        using (var scope = torch.NewDisposeScope())
        {
            action();
            Assert.Equal(0, scope.DisposablesCount);
        }

        Assert.Equal(0, statistics.ThreadTotalLiveCount);
    }
}
