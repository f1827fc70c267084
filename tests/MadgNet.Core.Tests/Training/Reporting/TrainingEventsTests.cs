using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Core.Tests.Training.Reporting;

public class TrainingEventsTests
{
    [Fact]
    public void Every_event_reaches_its_subscribers_in_order()
    {
        using MadgNetModel model = TinyModel.Create();
        var heard = new List<string>();
        var events = new TrainingEvents();
        events.Started += (_, run) => heard.Add($"started {run.StepsDone}");
        events.StepTaken += (_, step) => heard.Add($"step {step.Step}");
        events.Validated += (_, validation) => heard.Add($"validated {validation.Epoch}");
        events.EpochEnded += (sender, epoch) =>
        {
            Assert.Same(events, sender);
            heard.Add($"epoch {epoch.Epoch}");
        };
        events.Warning += (_, warning) => heard.Add($"warning {warning.Kind}");
        events.Ended += (_, end) => heard.Add($"ended {end.Reason}");

        ITrainingObserver observer = events;
        observer.RunStarted(ObservedRun.Start(model, null));
        ObservedRun.Tell(observer, 1, 2);
        observer.Warned(new TrainingWarning(TrainingWarningKind.LoaderStalled, 1, 2, new Problem("loader", "slow", "fast", "Hurry")));
        observer.RunEnded(ObservedRun.End());

        Assert.Equal(["started 0", "step 1", "step 2", "validated 1", "epoch 1", "warning LoaderStalled", "ended Completed"], heard);
    }

    [Fact]
    public void Events_without_subscribers_do_nothing() => ObservedRun.Tell(new TrainingEvents(), 1, 2);
}
