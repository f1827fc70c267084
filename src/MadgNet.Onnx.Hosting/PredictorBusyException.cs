namespace MadgNet.Onnx.Hosting;

/// <summary>A predictor has as many images in hand and waiting as its options allow. Nothing is wrong: ask again later.</summary>
public sealed class PredictorBusyException : MadgNetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="name">The predictor's name.</param>
    /// <param name="running">How many images are predicted at once.</param>
    /// <param name="waiting">How many may wait.</param>
    public PredictorBusyException(string name, int running, int waiting)
        : base(new Problem(
            name,
            $"one image more than the {running} at work and the {waiting} that may wait",
            "fewer at once",
            "Ask again later, or raise HostedPredictorOptions.MaximumConcurrency or MaximumQueue").ToString())
    {
    }
}
