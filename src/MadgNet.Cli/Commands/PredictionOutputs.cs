using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;

namespace MadgNet.Cli.Commands;

/// <summary>The files that become of every image, decided before the first one is written.</summary>
internal sealed class PredictionOutputs
{
    private readonly Dictionary<string, ImageOutputs> _outputs;
    private readonly OutputPlan _plan;

    private PredictionOutputs(OutputPlan plan, Dictionary<string, ImageOutputs> outputs, int found)
    {
        _plan = plan;
        _outputs = outputs;
        Found = found;
    }

    /// <summary>How many images were found, those that had to be left out among them.</summary>
    public int Found { get; }

    /// <summary>The images with their files, in the order of their names.</summary>
    public IEnumerable<(string Image, ImageOutputs Outputs)> Images => _outputs.Select(entry => (entry.Key, entry.Value));

    public int Count => _outputs.Count;

    /// <summary>
    /// Plans the files. An image whose files would be called as those of another is told as an error and left out.
    /// </summary>
    /// <param name="weights">The network's file, which is read.</param>
    /// <param name="input">What <c>--input</c> says.</param>
    /// <param name="folder">What <c>--output</c> says.</param>
    /// <param name="files">The images with the names of what becomes of them.</param>
    /// <param name="labels">The network's labels.</param>
    /// <param name="probabilities">Whether probabilities are written.</param>
    /// <param name="overlay">Whether overlays are written.</param>
    /// <param name="output">Is told of images that are left out, and of files that are replaced.</param>
    /// <param name="keeps">Whether files that are done are kept.</param>
    /// <exception cref="OutputException">An output is an input, or no file. Nothing was written.</exception>
    public static PredictionOutputs Plan(
        string weights,
        string input,
        string folder,
        IReadOnlyList<(string Path, string Name)> files,
        Labels labels,
        bool probabilities,
        bool overlay,
        CommandOutput output,
        bool keeps = false)
    {
        var plan = new OutputPlan();
        bool single = !Directory.Exists(input);
        plan.ReadFile(weights, "--weights");
        if (!single)
        {
            plan.ReadFolder(input, "--input");
        }

        plan.WriteFolder(folder, "--output");
        plan.ThrowIfRefused();
        foreach ((string path, _) in files)
        {
            plan.ReadFile(path, "--input");
        }

        var outputs = new Dictionary<string, ImageOutputs>(StringComparer.Ordinal);
        foreach ((string path, string name) in files)
        {
            var own = ImageOutputs.Of(Path.Combine(folder, name), labels, probabilities, overlay);
            if (plan.Claim(path, own.All) is { } problem)
            {
                output.Error(problem);
            }
            else
            {
                outputs.Add(path, own);
            }
        }

        if (single)
        {
            KeepNeighbours(plan, input, outputs.Values.SelectMany(own => own.All));
        }

        plan.ThrowIfRefused();
        int replaced = outputs.Values.Sum(own => own.All.Count(File.Exists));
        if (replaced > 0 && !keeps)
        {
            output.Note($"{replaced} files of these names are in {folder} already and will be replaced.");
        }

        return new PredictionOutputs(plan, outputs, files.Count);
    }

    /// <summary>Plans the report beside the images' files.</summary>
    /// <exception cref="OutputException">It is an input, the file of an image, or no file of its kind.</exception>
    public void PlanReport(string path)
    {
        _plan.Write(path, "--report", ".json");
        _plan.ThrowIfRefused();
    }

    /// <summary>Removes what predictions that were killed have left in the folders.</summary>
    public void RemoveAbandoned(CommandOutput output)
    {
        foreach (string folder in _outputs.Values.Select(own => Path.GetDirectoryName(own.Stem)!).Distinct(StringComparer.Ordinal))
        {
            Abandoned.RemoveFrom(folder, output);
        }
    }

    /// <summary>What lies beside an image is the user's, not the result of an earlier run.</summary>
    public static void KeepNeighbours(OutputPlan plan, string input, IEnumerable<string> outputs)
    {
        string beside = Path.GetDirectoryName(Path.GetFullPath(input))!;
        foreach (string path in outputs.Where(File.Exists))
        {
            if (OutputPlan.IsWithin(path, beside))
            {
                plan.Refuse(new Problem(
                    "--output",
                    $"'{path}', a file that is there beside the image",
                    "a folder of its own for results, or one without files of these names",
                    "Choose another folder"));
            }
        }
    }
}
