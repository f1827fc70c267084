using System.Globalization;
using System.Text;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Benchmarks.Files;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Random trees of inputs and outputs, with links, names that collide, folders that may not be written to and disks that fill up, under
/// the commands of the tool. What was there before a command is there afterwards, byte for byte, and nothing hidden is left.
/// </summary>
internal sealed class FilesSoak : ISoak
{
    private const string SeedVariable = "MADGNET_SOAK_SEED";

    public string Name => "files";

    public string Summary => "Runs predict, export, evaluate and train on random trees of files; every input survives, nothing is left.";

    public int DefaultCount => 500;

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable(SeedVariable) ?? "1", CultureInfo.InvariantCulture);
        DirectoryInfo models = Directory.CreateTempSubdirectory("madgnet-soak-models-");
        TextWriter console = Console.Out;
        TextWriter errors = Console.Error;
        int lost = 0;
        var verbs = new SortedDictionary<string, (int Done, int Refused)>(StringComparer.Ordinal);
        try
        {
            var network = new SoakNetwork(models.FullName);
            for (int run = 0; run < count; run++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var tree = new FileTree(new Random((seed * 1_000_003) + run), network);
                using var said = new StringWriter(new StringBuilder(), CultureInfo.InvariantCulture);
                Console.SetOut(said);
                Console.SetError(said);
                int code;
                try
                {
                    code = CommandLineTool.Run(tree.Arguments, cancellationToken);
                }
                finally
                {
                    Console.SetOut(console);
                    Console.SetError(errors);
                }

                IReadOnlyList<string> faults = tree.Check(code, said.ToString());
                foreach (string fault in faults)
                {
                    output.WriteLine($"run {run} (seed {seed}): madgnet {string.Join(' ', tree.Arguments)}: {fault}");
                }

                lost += faults.Count > 0 ? 1 : 0;
                (int done, int refused) = verbs.GetValueOrDefault(tree.Arguments[0]);
                verbs[tree.Arguments[0]] = code == 0 ? (done + 1, refused) : (done, refused + 1);
            }
        }
        finally
        {
            models.Delete(recursive: true);
        }

        foreach ((string verb, (int done, int refused)) in verbs)
        {
            output.WriteLine($"{verb}: {done} done, {refused} refused or failed");
        }

        output.WriteLine($"soak files: {count} runs, {lost} lost");
        return lost == 0;
    }
}
