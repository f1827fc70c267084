using System.Text;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>The state that a training run keeps in its checkpoints, damaged as text and sealed again.</summary>
internal static class CheckpointFieldsFuzzing
{
    public static FuzzTarget Create() => new(
        "checkpoint",
        [(".json", Encoding.UTF8.GetBytes(State().ToJson())), (".json", Encoding.UTF8.GetBytes(new RunState().ToJson()))],
        true,
        Read);

    private static void Read(string path, byte[] bytes)
    {
        using DisposeScope scope = NewDisposeScope();
        string text = Encoding.UTF8.GetString(bytes);
        string file = path + ".safetensors";
        try
        {
            SafetensorsFile.SaveSealed(file, new Dictionary<string, Tensor> { ["model/w"] = ones(2) }, new Dictionary<string, string>
            {
                ["madgnet.run"] = text,
                ["madgnet.run.fingerprint"] = bytes.Length % 3 == 0 ? text : "{\"a\":\"b\"}",
                ["madgnet.run.versions"] = "{}",
            });
        }
        catch (ArgumentException)
        {
            // Half a surrogate, which no file can hold.
            return;
        }

        try
        {
            using LoadedCheckpoint checkpoint = CheckpointFolder.Open(file);
            _ = checkpoint.State.Meter.MeanStages.Count + checkpoint.State.History.Sum(record => record.StageLosses.Count);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static RunState State() => new()
    {
        Epoch = 3,
        Step = 40,
        Best = new BestScore(0.5, 2, 20),
        LatestScore = new ValidationScore(0.5, 0.4, 7),
        History = [new EpochRecord(1, 0.7, 0.001, null, TimeSpan.FromSeconds(3)) { Steps = 10, StageLosses = [new(1, 2, 3)] }],
        Warned = [TrainingWarningKind.CheckpointFailed],
        Threshold = 0.5,
    };
}
