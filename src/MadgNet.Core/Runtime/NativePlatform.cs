using System.Runtime.InteropServices;

namespace MadgNet.Core.Runtime;

/// <summary>An operating system and processor architecture, written as .NET writes it: <c>linux-x64</c>.</summary>
/// <param name="SystemName">The system: <c>linux</c>, <c>linux-musl</c>, <c>win</c> or <c>osx</c>.</param>
/// <param name="Architecture">The architecture: <c>x64</c>, <c>x86</c>, <c>arm64</c> or another.</param>
internal sealed record NativePlatform(string SystemName, string Architecture)
{
    private const int HeaderLength = 4096;

    /// <summary>The platforms that TorchSharp 0.107 has native libraries for.</summary>
    public static IReadOnlyList<NativePlatform> Supported { get; } =
        [new("linux", "x64"), new("win", "x64"), new("win", "arm64"), new("osx", "arm64")];

    /// <summary>The platform of this process, which on a 64-bit system may be a 32-bit one.</summary>
    public static NativePlatform OfProcess()
    {
        string system = OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl"
            : "linux";
        return new NativePlatform(system, RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant());
    }

    /// <summary>The platform that a native library was built for, read from its header.</summary>
    /// <returns>The platform, or null where the file is no ELF, PE or Mach-O file.</returns>
    public static NativePlatform? OfFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] header = new byte[HeaderLength];
        int length = file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        return OfHeader(header.AsSpan(0, length));
    }

    /// <summary>The platform that the first bytes of a native library tell, or null.</summary>
    public static NativePlatform? OfHeader(ReadOnlySpan<byte> header)
    {
        // ELF: byte 5 is the byte order, bytes 18 and 19 the machine.
        if (header.Length >= 20 && header.StartsWith("\u007fELF"u8))
        {
            int machine = header[5] == 2 ? (header[18] << 8) | header[19] : header[18] | (header[19] << 8);
            return new NativePlatform("linux", machine switch
            {
                3 => "x86",
                40 => "arm",
                62 => "x64",
                183 => "arm64",
                _ => $"machine {machine}",
            });
        }

        // PE: byte 0x3C tells where the header begins, whose bytes 4 and 5 are the machine.
        if (header.Length >= 0x40 && header.StartsWith("MZ"u8))
        {
            int at = BitConverter.ToInt32(header[0x3C..]);
            if (at < 0 || at > header.Length - 6 || !header[at..].StartsWith("PE\0\0"u8))
            {
                return null;
            }

            int machine = header[at + 4] | (header[at + 5] << 8);
            return new NativePlatform("win", machine switch
            {
                0x014C => "x86",
                0x8664 => "x64",
                0xAA64 => "arm64",
                _ => $"machine {machine}",
            });
        }

        // Mach-O, 64-bit, little-endian: bytes 4 to 7 are the processor.
        if (header.Length >= 8 && header.StartsWith((ReadOnlySpan<byte>)[0xCF, 0xFA, 0xED, 0xFE]))
        {
            int processor = header[4] | (header[5] << 8) | (header[6] << 16) | (header[7] << 24);
            return new NativePlatform("osx", processor switch
            {
                0x01000007 => "x64",
                0x0100000C => "arm64",
                _ => $"processor {processor}",
            });
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{SystemName}-{Architecture}";
}
