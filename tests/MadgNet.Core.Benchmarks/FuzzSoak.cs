using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Benchmarks.Fuzzing;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Feeds damaged inputs of every kind to the library's readers. Each is to be read or refused by an exception of the
/// library: anything else is a crash, also when it ends the process, and no answer is a hang.
/// </summary>
/// <remarks>
/// The inputs follow from the seed (the environment variable <c>MADGNET_FUZZ_SEED</c>, 1 where it is not set) and their
/// index, so that a run can be repeated; those that failed are kept in <c>runs/fuzz</c>. <c>MADGNET_FUZZ_ONLY=dicom,nifti</c> limits a run
/// to the targets of these names.
/// </remarks>
internal sealed class FuzzSoak : ISoak
{
    private const string SeedVariable = "MADGNET_FUZZ_SEED";
    private const string FromVariable = "MADGNET_FUZZ_FROM";

    private readonly SortedDictionary<string, (int Read, int Refused)> _answers = new(StringComparer.Ordinal);
    private int _crashed;
    private int _hung;

    public string Name => "fuzz";

    public string Summary => "Damaged images, tables, JSON, weights and arrays: each is read or refused, never a crash or hang.";

    public int DefaultCount => 10_000;

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        long seed = long.TryParse(
            Environment.GetEnvironmentVariable(SeedVariable), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long given)
            ? given
            : 1;
        if (int.TryParse(Environment.GetEnvironmentVariable(FromVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int from))
        {
            FuzzWorker.Run(seed, from, count, output, cancellationToken);
            return true;
        }

        int next = 0;
        while (next < count)
        {
            next = RunWorker(seed, next, count, output, cancellationToken);
        }

        foreach ((string target, (int read, int refused)) in _answers)
        {
            output.WriteLine($"{target,-16} {read,7} read, {refused,7} refused");
        }

        output.WriteLine($"soak fuzz: {count} inputs, {_crashed} crashed, {_hung} hung");
        return _crashed == 0 && _hung == 0;
    }

    /// <summary>Runs one process until it is through or an input has ended it.</summary>
    /// <returns>The index of the next input.</returns>
    private int RunWorker(long seed, int from, int count, TextWriter output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add(typeof(FuzzSoak).Assembly.Location);
        }

        foreach (string argument in (string[])["soak", Name, count.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[SeedVariable] = seed.ToString(CultureInfo.InvariantCulture);
        start.Environment[FromVariable] = from.ToString(CultureInfo.InvariantCulture);
        using Process worker = Process.Start(start)!;
        using CancellationTokenRegistration stop = cancellationToken.Register(() => worker.Kill(entireProcessTree: true));
        Task<string> errors = worker.StandardError.ReadToEndAsync(CancellationToken.None);
        (int Index, string Target)? open = null;
        int next = from;
        while (worker.StandardOutput.ReadLine() is { } line)
        {
            string[] parts = line.Split('\t', 3);
            if (parts.Length != 3 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                continue;
            }

            if (parts[0] == FuzzWorker.Started)
            {
                open = (index, parts[2]);
                continue;
            }

            string target = open?.Target ?? "";
            open = null;
            next = index + 1;
            Count(parts[0], target, seed, index, parts[2], output);
        }

        worker.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        if (open is { } last)
        {
            next = last.Index + 1;
            Count(FuzzWorker.Crashed, last.Target, seed, last.Index,
                $"the process ended with code {worker.ExitCode}: {Tail(errors.Result)}", output);
        }
        else if (next < count && worker.ExitCode != 0 && next == from)
        {
            throw new InvalidOperationException(
                $"Received exit code {worker.ExitCode} from a process before its first input; expected it to read. {Tail(errors.Result)}");
        }

        return next;
    }

    private void Count(string verdict, string target, long seed, int index, string message, TextWriter output)
    {
        (int read, int refused) = _answers.GetValueOrDefault(target);
        switch (verdict)
        {
            case FuzzWorker.Accepted:
                _answers[target] = (read + 1, refused);
                return;
            case FuzzWorker.Refused:
                _answers[target] = (read, refused + 1);
                return;
            case FuzzWorker.Hung:
                _hung++;
                break;
            default:
                _crashed++;
                break;
        }

        output.WriteLine($"{verdict} by input {index} ({target}): {message}. Kept as {Keep(seed, index)}");
    }

    /// <summary>Writes the input to a file, so that it can be looked at and become a test.</summary>
    private static string Keep(long seed, int index)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("madgnet-fuzz-");
        try
        {
            (FuzzTarget target, string extension, byte[] content) = FuzzWorker.Input(FuzzCorpus.Create(folder.FullName), seed, index);
            string path = Path.Combine("runs", "fuzz", $"seed{seed}-{index}-{target.Name.Replace(' ', '-')}{extension}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
            return path;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Tail(string text) =>
        string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(3));
}
