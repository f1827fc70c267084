using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public class NativeEnvironmentTests
{
    [Fact]
    public void The_standard_library_is_read_from_the_memory_map()
    {
        string[] map =
        [
            "7f5ff6c00000-7f5ff6c9a000 r--p 00000000 08:01 1311  /usr/lib/x86_64-linux-gnu/libc.so.6",
            "7f5ff6a00000-7f5ff6a9a000 rw-p 00000000 00:00 0 ",
            "7f5ff6d00000-7f5ff6d9a000 r-xp 00000000 08:01 1312  /opt/with space/libstdc++.so.6.0.33",
        ];

        Assert.Equal("/opt/with space/libstdc++.so.6.0.33", NativeEnvironment.StandardLibraryIn(map));
    }

    [Fact]
    public void A_memory_map_without_the_standard_library_names_none()
    {
        Assert.Null(NativeEnvironment.StandardLibraryIn(["7f-80 r--p 00000000 08:01 1311  /usr/lib/libc.so.6", string.Empty]));
    }

    [Fact]
    public void Here_the_backend_of_the_tests_is_found_for_the_process()
    {
        NativeEnvironment environment = NativeEnvironment.Inspect(null);

        Assert.Contains(environment.Platform, environment.Libtorch.Values);
        Assert.Contains(environment.Platform, environment.TorchSharp.Values);
    }

    [Fact]
    public void Here_the_standard_library_offers_what_is_needed()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only the Linux libraries depend on the system's C++ standard library.");
        }

        NativeEnvironment environment = NativeEnvironment.Inspect(null);

        Assert.True(environment.StandardLibraryOffers >= environment.StandardLibraryNeeded);
    }

    [Fact]
    public void The_loaders_reason_is_the_line_about_the_library_that_exists()
    {
        const string Message = """
            Unable to load shared library 'LibTorchSharp' or one of its dependencies. In order to help diagnose …
            /app/LibTorchSharp.so: cannot open shared object file: No such file or directory
            /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)
            /app/libLibTorchSharp: cannot open shared object file: No such file or directory
            """;

        Assert.Equal(
            "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)",
            NativeEnvironment.ReasonIn(Message));
    }

    [Fact]
    public void A_missing_dependency_is_the_loaders_reason()
    {
        const string Message = """
            Unable to load shared library 'LibTorchSharp' or one of its dependencies. In order to help diagnose …
            /app/LibTorchSharp.so: cannot open shared object file: No such file or directory
            libtorch.so: cannot open shared object file: No such file or directory
            """;

        Assert.Equal("libtorch.so: cannot open shared object file: No such file or directory", NativeEnvironment.ReasonIn(Message));
    }

    [Fact]
    public void A_message_of_one_line_is_the_reason_itself()
    {
        Assert.Equal("The specified module could not be found.", NativeEnvironment.ReasonIn("The specified module could not be found."));
    }
}
