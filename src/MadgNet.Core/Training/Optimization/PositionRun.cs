namespace MadgNet.Core.Training.Optimization;

/// <summary>The run of a schedule that knows nothing but the position.</summary>
internal sealed class PositionRun(Func<TrainingPosition, double> rate) : LearningRateRun
{
    public override double RateAt(TrainingPosition position) => rate(Check(position));
}
