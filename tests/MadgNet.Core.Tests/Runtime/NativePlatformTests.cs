using System.Runtime.InteropServices;
using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public class NativePlatformTests
{
    [Theory]
    [InlineData(1, "3E 00", "linux-x64")]
    [InlineData(1, "B7 00", "linux-arm64")]
    [InlineData(1, "03 00", "linux-x86")]
    [InlineData(2, "00 B7", "linux-arm64")]
    public void An_ELF_header_names_the_machine_in_its_own_byte_order(int byteOrder, string machine, string expected)
    {
        byte[] header = new byte[64];
        "\u007fELF"u8.CopyTo(header);
        header[5] = (byte)byteOrder;
        Convert.FromHexString(machine.Replace(" ", string.Empty)).CopyTo(header, 18);

        Assert.Equal(expected, NativePlatform.OfHeader(header)?.ToString());
    }

    [Theory]
    [InlineData(0x8664, "win-x64")]
    [InlineData(0xAA64, "win-arm64")]
    [InlineData(0x014C, "win-x86")]
    public void A_PE_header_names_the_machine(int machine, string expected)
    {
        byte[] header = new byte[256];
        "MZ"u8.CopyTo(header);
        header[0x3C] = 0x80;
        "PE\0\0"u8.CopyTo(header.AsSpan(0x80));
        BitConverter.TryWriteBytes(header.AsSpan(0x84), (ushort)machine);

        Assert.Equal(expected, NativePlatform.OfHeader(header)?.ToString());
    }

    [Fact]
    public void A_Mach_O_header_names_the_processor()
    {
        byte[] header = [0xCF, 0xFA, 0xED, 0xFE, 0x0C, 0x00, 0x00, 0x01];

        Assert.Equal("osx-arm64", NativePlatform.OfHeader(header)?.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("MZ")]
    [InlineData("\u007fELF")]
    [InlineData("not a library at all, only some text that is long enough to be a header")]
    public void Bytes_that_are_no_library_have_no_platform(string content)
    {
        Assert.Null(NativePlatform.OfHeader(System.Text.Encoding.Latin1.GetBytes(content)));
    }

    [Fact]
    public void A_PE_header_that_points_outside_the_file_has_no_platform()
    {
        byte[] header = new byte[64];
        "MZ"u8.CopyTo(header);
        BitConverter.TryWriteBytes(header.AsSpan(0x3C), int.MaxValue);

        Assert.Null(NativePlatform.OfHeader(header));
    }

    [Fact]
    public void The_runtimes_own_native_library_is_of_the_process()
    {
        string name = OperatingSystem.IsWindows() ? "coreclr.dll" : OperatingSystem.IsMacOS() ? "libcoreclr.dylib" : "libcoreclr.so";
        string path = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), name);

        Assert.Equal(
            NativePlatform.OfProcess().ToString().Replace("-musl", string.Empty),
            NativePlatform.OfFile(path)?.ToString());
    }
}
