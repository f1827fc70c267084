using MadgNet.Core.Runtime;
using MadgNet.Core.Training.Precision;
using TorchSharp;

namespace MadgNet.Core.Tests.Training.Precision;

public class BackendSettingsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Settings_hold_until_they_are_restored(bool value)
    {
        (bool, bool, bool, bool, bool) before = Read();
        IDisposable applied = new BackendSettings { AllowTf32 = value, BenchmarkCuDnn = value, Deterministic = value }.Apply();
        try
        {
            Assert.Equal((value, value, value, value, value), Read());
            using (new BackendSettings { AllowTf32 = !value }.Apply())
            {
                Assert.Equal((!value, !value, value, value, value), Read());
            }

            Assert.Equal((value, value, value, value, value), Read());
        }
        finally
        {
            applied.Dispose();
            applied.Dispose();
        }

        Assert.Equal(before, Read());
    }

    [Fact]
    public void What_is_null_is_left_alone()
    {
        (bool, bool, bool, bool, bool) before = Read();
        using (new BackendSettings().Apply())
        {
            Assert.Equal(before, Read());
        }
    }

    private static (bool, bool, bool, bool, bool) Read() => (
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
        LibtorchContext.Benchmark!.Value.On,
        LibtorchContext.DeterministicCuDnn!.Value.On,
        LibtorchContext.DeterministicAlgorithms!.Value.On);
}
