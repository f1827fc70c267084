using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public sealed class LibtorchOriginTests
{
    [Theory]
    [InlineData("app/libtorch_cpu.so", "app", "app", false)]
    [InlineData("app/runtimes/linux-x64/native/libtorch_cpu.so", "app", "app", false)]
    [InlineData("usr/lib/libtorch_cpu.so", "app", "app", false)]
    [InlineData("home/.nuget/packages/libtorch-cpu-linux-x64/2.10.0/runtimes/linux-x64/native/libtorch_cpu.so", "app", "app", true)]
    [InlineData("app/cpu/libtorch_cpu.so", "app", "app", true)]
    [InlineData("app/lib/net8.0/cpu/libtorch_cpu.so", "app", "app", true)]
    [InlineData("plugins/x/runtimes/linux-x64/native/libtorch_cpu.so", "app", "plugins/x", false)]
    [InlineData(
        "home/.nuget/packages/madgnet.cli/1.0.0/tools/runtimes/linux-x64/native/libtorch_cpu.so",
        "home/.nuget/packages/madgnet.cli/1.0.0/tools",
        "home/.nuget/packages/madgnet.cli/1.0.0/tools",
        false)]
    public void A_library_from_the_cache_is_told_from_one_of_a_package(string library, string application, string torchSharp, bool isWrong)
    {
        string root = Path.GetFullPath(Path.DirectorySeparatorChar.ToString());
        Problem? problem = LibtorchOrigin.Examine(
            Path.Combine(root, library),
            Path.Combine(root, application),
            Path.Combine(root, torchSharp),
            Path.Combine(root, "home/.nuget/packages"));

        Assert.Equal(isWrong, problem is not null);
        if (isWrong)
        {
            Assert.Contains("TorchSharp-cpu", problem!.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_loaded_library_is_found_and_is_that_of_the_backend_package()
    {
        NativeRuntime.EnsureAvailable();
        Assert.Contains("torch_cpu", LibtorchOrigin.Path(), StringComparison.Ordinal);
        Assert.Null(NativeRuntime.Describe().LibtorchProblem);
    }
}
