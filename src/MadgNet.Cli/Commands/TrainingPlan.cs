using System.Text.Json.Nodes;
using MadgNet.Cli.Output;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Cli.Commands;

/// <summary>What a training would read, do and write: the answer to <c>--dry-run</c>.</summary>
internal static class TrainingPlan
{
    public static void Show(
        Recipe recipe,
        SegmentationModel model,
        TrainingSplit split,
        (string Images, string Masks) data,
        string folder,
        CommandOutput output)
    {
        int steps = recipe.CreateTrainingLoader(split.Training).BatchCount;
        int validation = split.Validation?.Count ?? 0;
        string size = model.Input.Size is { } side ? $"{side}" : "the images' own";
        IReadOnlyList<string> earlier = EarlierRun.Find(folder);
        output.Line($"Nothing is trained or written: this is what would be.");
        output.Raw($"read     {data.Images}");
        output.Raw($"         {data.Masks}");
        output.Line($"         {split.Training.Count} images to train on, {validation} to validate on");
        output.Line($"train    {model.Architecture}, {model.ParameterCount:N0} parameters, on {model.Device}");
        output.Line($"         {recipe.Trainer.Epochs} epochs of {steps} steps, {recipe.BatchSize} images a step, size {size}");
        output.Line($"         learning rate {recipe.Trainer.Schedule}");
        output.Raw($"write    {folder}/ (weights, checkpoints, history, MODEL.md, manifest.json, recipe.json)");
        if (earlier.Count > 0)
        {
            string fate = recipe.Trainer.Resume == ResumeMode.Never ? "moved to a folder earlier-N" : "gone on with";
            output.Line($"         {string.Join(", ", earlier)} of an earlier run: {fate}");
        }

        output.Result["dryRun"] = true;
        output.Result["run"] = folder;
        output.Result["parameters"] = model.ParameterCount;
        output.Result["training"] = split.Training.Count;
        output.Result["validation"] = validation;
        output.Result["epochs"] = recipe.Trainer.Epochs;
        output.Result["steps"] = steps * recipe.Trainer.Epochs;
        output.Result["earlier"] = new JsonArray([.. earlier.Select(name => (JsonNode)JsonValue.Create(name)!)]);
    }
}
