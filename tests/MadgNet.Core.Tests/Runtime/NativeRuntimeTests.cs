using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public class NativeRuntimeTests
{
    [Fact]
    public void With_a_backend_the_runtime_is_available()
    {
        NativeRuntime.EnsureAvailable();

        using TorchSharp.torch.Tensor one = TorchSharp.torch.tensor(1);
        Assert.Equal(1, one.item<int>());
    }

    [Fact]
    public void The_description_names_the_versions()
    {
        RuntimeDescription description = NativeRuntime.Describe();

        Assert.Equal("0.107.0", description.TorchSharpVersion);
        Assert.StartsWith("2.10.0", description.LibtorchVersion);
        Assert.Equal("0.1.0", description.LibraryVersion);
    }

    [Fact]
    public void The_description_is_one_line_for_a_log()
    {
        var description = new RuntimeDescription("0.1.0", "0.107.0", "2.10.0", "linux-x64", ".NET 10.0.0", 2, true, 1);

        Assert.Equal(
            "MadgNet.Core 0.1.0, TorchSharp 0.107.0, libtorch 2.10.0, linux-x64, .NET 10.0.0, 2 threads, CUDA with 1 device",
            description.ToString());
    }
}
