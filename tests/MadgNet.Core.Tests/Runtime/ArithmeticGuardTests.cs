using MadgNet.Core.Runtime;
using MadgNet.Core.Tests.Support;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Runtime;

/// <summary>What is done on machines of either kind, by options and by what a processor is said to tell: not by the hardware.</summary>
/// <remarks>Not in parallel with other tests: oneDNN is switched for the whole process.</remarks>
[Collection(nameof(ArithmeticGuardTests))]
[CollectionDefinition(nameof(ArithmeticGuardTests), DisableParallelization = true)]
public sealed class ArithmeticGuardTests : IDisposable
{
    private static readonly ProcessorCaches Healthy = new("AuthenticAMD", [32 << 10, 1 << 20, 32 << 20], true, true, 32 << 10, 1 << 20);
    private static readonly ProcessorCaches Silent = new("AuthenticAMD", [1, 1, 1], false, true, 0, 0);

    private readonly (bool On, bool Warns) _oneDnn;
    private readonly (bool On, bool Warns) _nnpack;

    public ArithmeticGuardTests()
    {
        // The process's own guard has done its work, so that nothing here meets an unrepaired machine.
        NativeRuntime.EnsureVerified();
        (_oneDnn, _nnpack) = (LibtorchContext.OneDnn!.Value, LibtorchContext.Nnpack!.Value);
    }

    public void Dispose() => (LibtorchContext.OneDnn!.Value, LibtorchContext.Nnpack!.Value) = (_oneDnn, _nnpack);

    [Fact]
    public void A_healthy_processor_is_left_alone()
    {
        var guard = new ArithmeticGuard(Healthy);
        guard.EnsureVerified(CPU);

        ArithmeticReport report = guard.Report(CPU);
        Assert.Equal(OneDnnState.On, report.OneDnn);
        Assert.True(report.Verified);
        Assert.InRange(report.Worst, 1e-9, 2e-6);
        Assert.InRange(report.Worst16Bit, 1e-4, 1e-2);
        Assert.Empty(report.Wrong);
    }

    [Fact]
    public void Where_the_description_cannot_be_repaired_onednn_is_off_and_nnpack_too()
    {
        // In this process it is right already, by the processor or by the repair, and so not the one that is known to be wrong.
        var logger = new ListLogger();
        var guard = new ArithmeticGuard(Silent);
        guard.Configure(new NativeRuntimeOptions { Logger = logger });
        guard.EnsureVerified(CPU);
        guard.EnsureVerified(CPU);

        ArithmeticReport report = guard.Report(CPU);
        Assert.Equal(OneDnnState.Off, report.OneDnn);
        Assert.False(report.Nnpack);
        Assert.True(report.Verified);
        Assert.False(LibtorchContext.OneDnn!.Value.On);
        Assert.False(LibtorchContext.Nnpack!.Value.On);
        Assert.Contains("tells no cache sizes", report.Reason, StringComparison.Ordinal);
        Assert.Single(
            logger.Entries,
            entry => entry.Level == LogLevel.Warning && entry.Message.Contains("tells no cache sizes", StringComparison.Ordinal));
    }

    [Fact]
    public void A_host_that_insists_on_onednn_is_refused_where_it_cannot_be_right()
    {
        var guard = new ArithmeticGuard(Silent);
        guard.Configure(new NativeRuntimeOptions { OneDnn = OneDnnMode.On });

        WrongArithmeticException exception = Assert.Throws<WrongArithmeticException>(() => guard.EnsureVerified(CPU));
        Assert.Contains("Auto", exception.Message, StringComparison.Ordinal);
        Assert.Throws<WrongArithmeticException>(() => guard.EnsureVerified(CPU));
    }

    [Fact]
    public void A_host_can_switch_onednn_off_and_on_again()
    {
        var guard = new ArithmeticGuard(Healthy);
        guard.Configure(new NativeRuntimeOptions { OneDnn = OneDnnMode.Off });
        guard.EnsureVerified(CPU);
        Assert.Equal((OneDnnState.Off, true), (guard.Report(CPU).OneDnn, guard.Report(CPU).Verified));
        Assert.False(LibtorchContext.OneDnn!.Value.On);

        guard.Configure(new NativeRuntimeOptions());
        Assert.False(guard.Report(CPU).Verified);
        guard.EnsureVerified(CPU);
        Assert.Equal((OneDnnState.On, true), (guard.Report(CPU).OneDnn, guard.Report(CPU).Verified));
        Assert.True(LibtorchContext.OneDnn!.Value.On);
    }

    [Fact]
    public void A_wrong_result_switches_onednn_off_and_is_checked_again()
    {
        var guard = new ArithmeticGuard(Healthy, [Doubling(wrong: () => LibtorchContext.OneDnn!.Value.On)]);
        guard.EnsureVerified(CPU);

        ArithmeticReport report = guard.Report(CPU);
        Assert.Equal((OneDnnState.Off, true), (report.OneDnn, report.Verified));
        Assert.NotEmpty(report.Wrong);
        Assert.Contains("doubling", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_stays_wrong_is_an_exception_that_names_it()
    {
        var guard = new ArithmeticGuard(Healthy, [Doubling(wrong: () => true)]);

        WrongArithmeticException exception = Assert.Throws<WrongArithmeticException>(() => guard.EnsureVerified(CPU));
        Assert.Contains("doubling, Float32, contiguous, on cpu", exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(exception.Findings);
        Assert.All(exception.Findings, finding => Assert.True(finding.Error > finding.Tolerance));
        Assert.False(guard.Report(CPU).Verified);
    }

    [Fact]
    public void A_host_that_insists_on_onednn_gets_the_exception_instead_of_the_slow_path()
    {
        var guard = new ArithmeticGuard(Healthy, [Doubling(wrong: () => LibtorchContext.OneDnn!.Value.On)]);
        guard.Configure(new NativeRuntimeOptions { OneDnn = OneDnnMode.On });

        Assert.Throws<WrongArithmeticException>(() => guard.EnsureVerified(CPU));
        Assert.True(LibtorchContext.OneDnn!.Value.On);
    }

    [Fact]
    public void Many_threads_check_once()
    {
        int calls = 0;
        var operation = new ArithmeticOperation("counted", [[1]], inputs =>
        {
            Interlocked.Increment(ref calls);
            return inputs[0].Times(2.0);
        });
        var guard = new ArithmeticGuard(Healthy, [operation]);
        Parallel.For(0, 16, _ => guard.EnsureVerified(CPU));
        int once = calls;
        guard.EnsureVerified(CPU);

        Assert.Equal(once, calls);

        // Once for the gradient's shape, in double precision, in float32 and in bfloat16.
        Assert.Equal(4, once);
    }

    [Fact]
    public void Nan_and_infinity_are_wrong()
    {
        foreach (double value in (double[])[double.NaN, double.PositiveInfinity])
        {
            var operation = new ArithmeticOperation("poisoned", [[2, 3]], inputs =>
            {
                Tensor result = inputs[0].Times(1.0);
                return result.dtype == ScalarType.Float64 ? result : result.Times(value);
            });

            Assert.Contains(
                ArithmeticCheck.Run(CPU, [operation], CancellationToken.None).Wrong, finding => double.IsPositiveInfinity(finding.Error));
        }
    }

    [Fact]
    public void The_check_leaves_nothing_behind()
    {
        NativeRuntime.VerifyArithmetic();
        byte[] state = random.get_rng_state().bytes.ToArray();
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        ArithmeticReport report = NativeRuntime.VerifyArithmetic(
            new ArithmeticCheckOptions { RandomConvolutions = 20, Seed = 3 }, CancellationToken.None);

        Assert.True(report.Verified);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.Equal(state, random.get_rng_state().bytes.ToArray());
    }

    [Fact]
    public void A_long_check_is_cancelled_between_two_operations()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => NativeRuntime.VerifyArithmetic(
            new ArithmeticCheckOptions { RandomConvolutions = 1_000_000 }, cancelled.Token));
    }

    [Fact]
    public void Wrong_options_are_listed()
    {
        Assert.Throws<InvalidOptionsException>(() => NativeRuntime.Configure(new NativeRuntimeOptions { OneDnn = (OneDnnMode)9 }));
        Assert.Throws<InvalidOptionsException>(() => NativeRuntime.Configure(new NativeRuntimeOptions { Logger = null! }));
        InvalidOptionsException exception = Assert.Throws<InvalidOptionsException>(
            () => NativeRuntime.VerifyArithmetic(
                new ArithmeticCheckOptions { RandomConvolutions = -1, Device = null! }, CancellationToken.None));
        Assert.Equal(2, exception.Problems.Count);
    }

    private static ArithmeticOperation Doubling(Func<bool> wrong) => new(
        "doubling",
        [[1, 2, 3, 4]],
        inputs => inputs[0].dtype != ScalarType.Float64 && wrong() ? inputs[0].Times(2.5) : inputs[0].Times(2.0));
}
