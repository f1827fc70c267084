using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Benchmarks.Files;

/// <summary>One random tree of files, a command line on it, and what must hold afterwards.</summary>
internal sealed partial class FileTree : IDisposable
{
    private static readonly string[] Names =
    [
        "a.png", "b.png", "c.png", "A.png", "a.overlay.png", "b.jpg.png", "caf\u00e9.png", "cafe\u0301.png", "=x.png", "a b.png",
        "n\nl.png", "\u001b[2J.png", new string('l', 230) + ".png",
    ];

    private readonly Random _random;
    private readonly string _root;
    private readonly Dictionary<string, string> _before;
    private readonly HashSet<string> _inputs = new(StringComparer.Ordinal);
    private readonly List<string> _closed = [];
    private string? _mounted;

    public FileTree(Random random, SoakNetwork network)
    {
        _random = random;
        _root = Directory.CreateTempSubdirectory("madgnet-soak-files-").FullName;
        string weights = At("models", "w.safetensors");
        string onnx = At("models", "w.onnx");
        Directory.CreateDirectory(At("models"));
        Link(network.Weights, weights);
        File.Copy(network.Onnx, onnx);
        Directory.CreateDirectory(At("out"));
        Directory.CreateDirectory(At("run"));
        foreach (string name in Names.OrderBy(_ => random.Next()).Take(random.Next(2, 5)))
        {
            Picture(At("in", name), 3);
            Picture(At("truth", name), 1);
        }

        File.WriteAllText(At("in", "notes.txt"), "mine");
        Decorate();
        Arguments = Choose(weights, onnx);
        foreach (string path in All().Where(path => path.StartsWith(At("in"), StringComparison.Ordinal)
            || path.StartsWith(At("truth"), StringComparison.Ordinal) || path.StartsWith(At("models"), StringComparison.Ordinal)))
        {
            _inputs.Add(path);
        }

        _before = All().ToDictionary(path => path, Digest, StringComparer.Ordinal);
    }

    /// <summary>The command line.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>What does not hold, in words.</summary>
    public IReadOnlyList<string> Check(int code, string said)
    {
        Open();
        var faults = new List<string>();
        if (code is not (0 or 1 or 2))
        {
            faults.Add($"exit code {code}");
        }

        if (said.Contains("fault of madgnet", StringComparison.Ordinal))
        {
            faults.Add("it says that it is at fault: " + said.ReplaceLineEndings(" "));
        }

        Dictionary<string, string> after = All().ToDictionary(path => path, Digest, StringComparer.Ordinal);
        string? exported = Arguments[0] == "export" && Arguments[4].EndsWith(".onnx", StringComparison.Ordinal) ? Arguments[4] : null;
        foreach (string path in _inputs.Where(path => path != exported && after.GetValueOrDefault(path) != _before[path]))
        {
            faults.Add($"the input {Path.GetRelativePath(_root, path)} was changed");
        }

        var kept = after.Values.ToHashSet(StringComparer.Ordinal);
        foreach ((string path, string digest) in _before.Where(entry => entry.Key != exported && !kept.Contains(entry.Value)
            && !IsResult(entry.Key)))
        {
            faults.Add($"what {Path.GetRelativePath(_root, path)} held is gone ({digest[..8]})");
        }

        foreach (string path in after.Keys.Where(path => Path.GetFileName(path).StartsWith('.')))
        {
            faults.Add($"{Path.GetRelativePath(_root, path)} was left behind");
        }

        if (code == 0 && Arguments[0] == "predict" && _mounted is null)
        {
            int images = Directory.GetFiles(At("in"), "*.png").Length;
            int results = after.Keys.Count(path => path.EndsWith(".png", StringComparison.Ordinal) && !_before.ContainsKey(path));
            int replaced = after.Keys.Count(path => IsResult(path) && _before.ContainsKey(path));
            bool single = File.Exists(Arguments[Arguments.ToList().IndexOf("-i") + 1]);
            if (results + replaced < (single ? 1 : images))
            {
                faults.Add($"success with {results + replaced} masks of {images} images");
            }
        }

        return faults;
    }

    public void Dispose()
    {
        Open();
        if (_mounted is not null)
        {
            Shell("umount", _mounted);
        }

        Directory.Delete(_root, recursive: true);
    }

    /// <summary>A result of an earlier run may be replaced: it says so.</summary>
    private static bool IsResult(string path) => Path.GetFileName(path).StartsWith("earlier result", StringComparison.Ordinal)
        || Path.GetFileName(path) is "report.json" or "m.onnx";

    private string At(params string[] parts) => Path.Combine([_root, .. parts]);

    /// <summary>Links, files of others, closed folders and small disks.</summary>
    private void Decorate()
    {
        string first = Directory.GetFiles(At("in"), "*.png")[0];
        if (Chance(3))
        {
            Directory.CreateSymbolicLink(At("link"), At("in"));
        }

        if (Chance(4))
        {
            Link(first, At("out", Path.GetFileName(first)));
        }
        else if (Chance(4))
        {
            File.CreateSymbolicLink(At("out", Path.GetFileName(first)), first);
        }

        if (Chance(4))
        {
            Directory.CreateSymbolicLink(At("in", "self"), At("in"));
        }

        if (Chance(3))
        {
            File.WriteAllText(At("out", "report.json"), "{}");
            File.WriteAllText(At("run", "MODEL.md"), "my words");
            File.WriteAllText(At("run", "split.csv"), "part,name\ntrain,mine\n");
        }

        if (Chance(3))
        {
            File.WriteAllText(At("run", "best.safetensors"), "an earlier run");
            Directory.CreateDirectory(At("run", "checkpoints"));
            File.WriteAllText(At("run", "checkpoints", "step-0000000001.safetensors"), "an earlier checkpoint");
        }

        if (Chance(8) && !OperatingSystem.IsWindows())
        {
            _closed.Add(At("out"));
        }

        if (Chance(8) && OperatingSystem.IsLinux() && Environment.UserName == "root"
            && Directory.GetFileSystemEntries(At("out")).Length == 0 && Shell("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", At("out")))
        {
            _mounted = At("out");
        }

        foreach (string folder in _closed)
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }
    }

    private string[] Choose(string weights, string onnx)
    {
        string[] folders =
        [
            At("out"), At("new", "deep"), At("in"), At("in", "..", "in"), At("in", "sub"), At("link"), At("models"), At("run"),
        ];
        string image = Directory.GetFiles(At("in"), "*.png")[0];
        string[] files =
        [
            At("out", "report.json"), At("out", "m.onnx"), weights, onnx, image, At("truth"), "/dev/null", At("new", "x.json"),
        ];
        string folder = folders[_random.Next(folders.Length)];
        string file = files[_random.Next(files.Length)];
        return _random.Next(20) switch
        {
            < 10 =>
            [
                "predict", "-w", onnx, "-i", Chance(4) ? image : Chance(6) ? At("link") : At("in"), "-o", folder, "--quiet",
                .. Chance(2) ? ["--overlay"] : Array.Empty<string>(),
                .. Chance(2) ? ["--probabilities"] : Array.Empty<string>(),
                .. Chance(2) ? ["--recursive"] : Array.Empty<string>(),
            ],
            < 15 => ["evaluate", "-w", onnx, "--images", At("in"), "--masks", At("truth"), "-o", file, "--quiet"],
            < 18 => ["export", "-w", weights, "-o", file, "--size", "32", "--quiet"],
            _ =>
            [
                "train", "--images", At("in"), "--masks", At("truth"), "-o", Chance(3) ? folder : At("run"), "--weights",
                Chance(4) ? At("run", "best.safetensors") : weights, "--epochs", "1", "--batch", "2", "--size", "32",
                "--validation", "none", "--quiet",
                .. Chance(3) ? ["--overwrite"] : Chance(3) ? ["--resume"] : Array.Empty<string>(),
            ],
        };
    }

    private bool Chance(int of) => _random.Next(of) == 0;

    private void Picture(string path, int channels)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] pixels = new byte[16 * 16 * channels];
        _random.NextBytes(pixels);
        if (channels == 1)
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (byte)(i % 16 < 8 ? 0 : 255);
            }
        }

        ImageWriter.Write(new PixelImage(16, 16, channels, pixels), path);
    }

    /// <summary>Every file of the tree once, without following links to folders.</summary>
    private IEnumerable<string> All() => Directory.EnumerateFiles(_root, "*", new EnumerationOptions
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = true,
    }).Where(path => !path.Contains("/self/", StringComparison.Ordinal)
        && (new DirectoryInfo(At("link")).LinkTarget is null || !path.StartsWith(At("link") + "/", StringComparison.Ordinal)));

    private static string Digest(string path)
    {
        // The weights are large, and a link to one file: their length and time tell enough.
        var info = new FileInfo(path);
        if (info.Exists && info.Length > 1 << 20)
        {
            return $"{info.Length:x8} {info.LastWriteTimeUtc.Ticks:x}";
        }

        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        }
        catch (FileNotFoundException)
        {
            return "a link to nothing";
        }
    }

    private void Open()
    {
        foreach (string folder in _closed.Where(folder => !OperatingSystem.IsWindows() && Directory.Exists(folder)))
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    private static bool Shell(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static void Link(string existing, string other)
    {
        if (OperatingSystem.IsWindows() || HardLink(existing, other) != 0)
        {
            File.Copy(existing, other);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int HardLink(string existing, string other);
}
