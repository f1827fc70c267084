using System.Diagnostics;
using System.Runtime.InteropServices;
using MadgNet.Core.Runtime;
using MadgNet.Core.Tests.Support;
using TorchSharp;

namespace MadgNet.Core.Tests.Runtime;

public class ElfSymbolsTests
{
    private const string Exported = "_ZN2at13globalContextEv";

    [Fact]
    public void A_symbol_lies_where_the_loader_puts_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF files are Linux's.");
        NativeRuntime.EnsureAvailable();
        using var process = Process.GetCurrentProcess();
        ProcessModule library = process.Modules.Cast<ProcessModule>()
            .First(module => module.ModuleName.StartsWith("libtorch_cpu.so", StringComparison.Ordinal));
        nint address = NativeLibrary.GetExport(NativeLibrary.Load("torch_cpu", typeof(torch).Assembly, null), Exported);

        IReadOnlyList<(long Value, long Size)>? symbols = ElfSymbols.Find(library.FileName, [Exported]);

        Assert.Equal(address - library.BaseAddress, Assert.Single(symbols!).Value);
    }

    [Fact]
    public void The_description_of_the_processor_is_named_in_the_libtorch_that_the_repair_knows()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF files are Linux's.");
        NativeRuntime.EnsureAvailable();
        using var process = Process.GetCurrentProcess();
        string file = process.Modules.Cast<ProcessModule>()
            .First(module => module.ModuleName.StartsWith("libtorch_cpu.so", StringComparison.Ordinal)).FileName;

        Assert.Equal(144, ElfSymbols.Find(file, ["_ZZN4dnnl4impl3cpu3x643cpuEvE4cpu_"])![0].Size);
        Assert.Null(ElfSymbols.Find(file, [Exported, "_ZN2at13noSuchSymbolEv"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(4096)]
    public void A_file_that_is_no_elf_file_has_no_symbols(int length)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("library.so");
        File.WriteAllBytes(path, new byte[length]);

        Assert.Null(ElfSymbols.Find(path, [Exported]));
    }

    [Fact]
    public void A_damaged_header_is_no_crash()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("library.so");
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            var bytes = new byte[512];
            random.NextBytes(bytes);
            (bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]) = (0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1);
            bytes.AsSpan(0x29, 7).Clear();
            bytes.AsSpan(0x3D, 1).Clear();
            File.WriteAllBytes(path, bytes);

            Assert.Null(ElfSymbols.Find(path, [Exported]));
        }
    }
}
