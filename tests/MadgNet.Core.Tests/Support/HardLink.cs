using System.Runtime.InteropServices;

namespace MadgNet.Core.Tests.Support;

/// <summary>A second name of a file, and what no .NET method makes.</summary>
internal static class HardLink
{
    public static void Create(string existing, string other)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "hard links are made by the C library here");
        Assert.Equal(0, link(existing, other));
    }

    /// <summary>Makes a named pipe.</summary>
    public static string Pipe(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no named pipes in folders");
        Assert.Equal(0, mkfifo(path, 0x1B6));
        return path;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string other);

    [DllImport("libc", SetLastError = true)]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
