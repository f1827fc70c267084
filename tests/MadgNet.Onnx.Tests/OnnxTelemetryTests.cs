using System.Runtime.InteropServices;

namespace MadgNet.Onnx.Tests;

[CollectionDefinition(nameof(OnnxTelemetryTests), DisableParallelization = true)]
public sealed class OnnxTelemetryCollection;

/// <summary>The runtime's telemetry is off, unless a host allows it. The runtime looks at the environment of native code.</summary>
[Collection(nameof(OnnxTelemetryTests))]
public sealed class OnnxTelemetryTests
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    [Fact]
    public void It_is_off_where_nothing_is_said_and_whoever_allows_it_is_not_overruled()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there the environment of .NET is that of native code");
        try
        {
            Forget();
            OnnxTelemetry.Apply(allowed: true);
            Assert.Equal((null, null), (Native(), Environment.GetEnvironmentVariable(Variable)));
            OnnxTelemetry.Apply(new OnnxRuntimeOptions().AllowTelemetry);
            Assert.Equal(("1", "1"), (Native(), Environment.GetEnvironmentVariable(Variable)));
        }
        finally
        {
            OnnxTelemetry.Apply(allowed: false);
        }
    }

    [Fact]
    public void Every_way_to_open_a_file_switches_it_off_first()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there the environment of .NET is that of native code");
        string path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "faults", "ok.onnx");
        var runtime = new OnnxRuntimeOptions { Threads = 1, OutputValues = OnnxOutputValues.Logit, Stride = 1 };
        foreach (Func<IDisposable> open in (Func<IDisposable>[])[
            () => OnnxPredictor.Load(path, null, runtime), () => OnnxPredictor.FromBytes(File.ReadAllBytes(path), null, runtime)])
        {
            try
            {
                Forget();
                open().Dispose();
                Assert.Equal("1", Native());
            }
            finally
            {
                OnnxTelemetry.Apply(allowed: false);
            }
        }
    }

    private static void Forget()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _ = unsetenv(Variable);
    }

    private static string? Native() => Marshal.PtrToStringUTF8(getenv(Variable));

    [DllImport("libc")]
    private static extern nint getenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libc")]
    private static extern int unsetenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
