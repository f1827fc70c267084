using System.CommandLine;

namespace MadgNet.Samples.Evaluation;

/// <summary>What the command line asks for.</summary>
internal sealed record EvaluationOptions(
    string? Weights, string? Validation, IReadOnlyList<string> Seen, IReadOnlyList<string> Unseen, int? Size, bool Official, string Output)
{
    /// <summary>Parses the command line and runs the action with it; prints help or what is wrong otherwise.</summary>
    public static int Run(string[] arguments, Func<EvaluationOptions, int> action)
    {
        var weights = new Option<string?>("--weights")
        {
            Description =
                "Checkpoint to evaluate. Default: that of the QuickStart sample if it is there, otherwise one that is trained here for "
                    + "two epochs."
        };
        var validation = new Option<string?>("--validation")
        {
            Description =
                "Folder with images and masks on which the threshold is chosen. Default: 0.5, or nuclei that come with the samples."
        };
        var seen = new Option<string[]>("--seen")
        {
            Description = "NAME=FOLDER of a set of the kind that the model was trained on; may be repeated.",
            DefaultValueFactory = _ => []
        };
        var unseen = new Option<string[]>("--unseen")
        {
            Description = "NAME=FOLDER of a set of another origin; may be repeated.",
            DefaultValueFactory = _ => []
        };
        var size = new Option<int?>("--size")
        {
            Description = "Compare at this height and width, such as 352, instead of each image's own."
        };
        var official = new Option<bool>("--official") { Description = "Measure as MADGNet's published evaluation code does." };
        var output = new Option<string>("--output")
        {
            Description = "Folder for the reports.",
            DefaultValueFactory = _ => Path.Combine("runs", "evaluation")
        };
        foreach (Option<string[]> sets in new[] { seen, unseen })
        {
            sets.Validators.Add(result =>
            {
                if (result.Tokens.FirstOrDefault(token => token.Value.IndexOf('=') < 1) is { } wrong)
                {
                    result.AddError($"{sets.Name}: received '{wrong.Value}'; expected NAME=FOLDER, for example ETIS=data/etis.");
                }
            });
        }

        size.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < 32 || value % 32 != 0))
            {
                result.AddError($"--size: received {value}; expected a multiple of 32. Use 352, as the published tables do.");
            }
        });
        var command = new RootCommand(
            "Evaluates a trained checkpoint on seen and unseen sets and shows how much it loses on the unseen ones.")
        {
            weights, validation, seen, unseen, size, official, output,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(seen) is { Length: > 0 }) != (result.GetValue(unseen) is { Length: > 0 }))
            {
                result.AddError(
                    "Received sets of one kind only; expected --seen and --unseen together. Leave out both for the nuclei that come "
                        + "with the samples.");
            }
        });
        command.SetAction(result => action(new EvaluationOptions(
            result.GetValue(weights),
            result.GetValue(validation),
            result.GetValue(seen)!,
            result.GetValue(unseen)!,
            result.GetValue(size),
            result.GetValue(official),
            result.GetValue(output)!)));
        return command.Parse(arguments).Invoke();
    }
}
